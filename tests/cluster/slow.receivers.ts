import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import {
  askOracle,
  Browser,
  CHALLENGE,
  codeIn,
  ISSUER,
  payloadOf,
  secretOf,
  VERIFIER,
} from '@grove/auth/testing'
import { openPlace } from './auth-process.ts'
import { accountOf, type Cluster, emailOf, fillsIn, PASSWORD, providerAt } from './cluster.ts'
import type { Databases } from './databases.ts'
import type { Tally } from './fault.ts'
import { each, millisecondsOf } from './measured.ts'

const SITES = 100
/** The first tries again come after two and ten seconds, and every one waits for three. */
const TWO_RETRIES_MS = 30_000
/** Coarse, for a machine that is busy with other things: what it really took is printed. */
const COARSE_MS = 6_000

const nameOf = (site: number) => `site-${site}`
const redirectOf = (site: number) => `https://${nameOf(site)}.example/callback`
const hangs = (site: number) => site % 2 === 1

interface Receivers extends Cluster {
  /** When each site was told of the end of this session, again and again. */
  told(sid: string): number[][]
}

export async function openReceivers(databases: Databases): Promise<Receivers> {
  const ofSession = new Map<string, number[][]>()
  function told(sid: string): number[][] {
    const times = ofSession.get(sid) ?? Array.from({ length: SITES }, () => [])
    ofSession.set(sid, times)
    return times
  }
  const server = createServer(async (request, response) => {
    const at = performance.now()
    const site = Number(request.url?.slice(1))
    const token = new URLSearchParams(await text(request)).get('logout_token') ?? ''
    told(String(payloadOf(token).sid))[site]?.push(at)
    if (!hangs(site)) response.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // it listens on a port
  const all = Array.from({ length: SITES }, (_, site) => site)
  const place = await openPlace(
    {
      clients: all.map((site) => ({
        client_id: nameOf(site),
        client_name: nameOf(site),
        client_secret: secretOf(nameOf(site)),
        redirect_uris: [redirectOf(site)],
        backchannel_logout_uri: `http://127.0.0.1:${port}/${site}`,
        scope: 'openid',
        first_party: true,
      })),
      accounts: [{ email: emailOf(0), password: PASSWORD, claims: { sub: accountOf(0) } }],
    },
    { databaseUrl: await databases.create() },
  )
  const auth = await place.start()
  return {
    databaseUrl: place.databaseUrl,
    processes: [auth],
    told,
    heard: [],
    at: () => providerAt(() => auth.origin),
    start: place.start,
    prepare: place.prepare,
    oracle: (secrets = []) =>
      askOracle(place.databaseUrl, { told: all.map(nameOf), secrets: [PASSWORD, ...secrets] }),
    async close() {
      await place.close()
      server.close().closeAllConnections()
    },
  }
}

/** F-69: the page waits for nobody, who answers is told at once, and who hangs is tried again, later and later. */
export async function receivers(cluster: Receivers, rounds: number, tally: Tally): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const { browser, idToken } = await signsInEverywhere(cluster)
    const told = cluster.told(String(payloadOf(idToken).sid))
    const startedAt = performance.now()
    const pageMs = await millisecondsOf(async () => {
      const page = await browser.open(`/logout?id_token_hint=${idToken}`)
      tally.same('the page', page.status, 200)
    })
    tally.expect(pageMs < COARSE_MS, `the page took ${pageMs} ms`)
    await pause(Math.max(0, startedAt + TWO_RETRIES_MS - performance.now()))

    const first = told.map(([time = Number.POSITIVE_INFINITY]) => time - startedAt)
    const healthy = first.filter((_, site) => !hangs(site))
    tally.expect(
      Math.max(...healthy) < COARSE_MS,
      `a site that answers was told after ${Math.max(...healthy)} ms`,
    )
    const often = told.filter((_, site) => !hangs(site)).map(({ length }) => length)
    tally.same('how often who answers is told', [...new Set(often)], [1])
    const gaps = told
      .filter((_, site) => hangs(site))
      .map(([one = 0, two = 0, three = 0]) => [two - one, three - two])
    tally.expect(
      gaps.every(([soon = 0, late = 0]) => soon > 2_000 && late > soon),
      'who hangs is not tried again, later and later',
    )
    tally.measure('the page', `${Math.round(pageMs)} ms`)
    tally.measure('the last site that answers', `${Math.round(Math.max(...healthy))} ms`)
    tally.measure(
      'tries again of one that hangs',
      `after ${gaps[0]?.map((gap) => `${(gap / 1_000).toFixed(1)} s`).join(' and ')}`,
    )
    tally.count('sign-outs of a hundred sites')
  }
}

async function signsInEverywhere(cluster: Cluster): Promise<{ browser: Browser; idToken: string }> {
  const auth = cluster.at(0)
  const browser = new Browser(auth)
  let idToken = ''
  const answer = await fillsIn(browser, await (await browser.open(addressFor(0))).text(), 0)
  await each(SITES, 10, async (site) => {
    const code = codeIn(site === 0 ? answer : await browser.open(addressFor(site)))
    const response = await auth.fetch(`${ISSUER}/token`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${btoa([nameOf(site), secretOf(nameOf(site))].map(encodeURIComponent).join(':'))}`,
      },
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        code,
        redirect_uri: redirectOf(site),
        code_verifier: VERIFIER,
      }),
    })
    if (response.status !== 200) throw new Error(`no tokens for ${nameOf(site)}: ${response.status}`)
    idToken = (await response.json()).id_token
  })
  return { browser, idToken }
}

const addressFor = (site: number): string =>
  `/authorize?${new URLSearchParams({
    client_id: nameOf(site),
    redirect_uri: redirectOf(site),
    response_type: 'code',
    scope: 'openid',
    state: 'a state',
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
  })}`
