import {
  askAs,
  authorizationRequest,
  CHALLENGE,
  codeIn,
  ISSUER,
  type Provider,
  secretOf,
  VERIFIER,
} from '@grove/auth/testing'
import { createDpopKey, type DpopKey } from '@grove/jwt/testing'
import { type Cluster, logsIn } from './cluster.ts'
import type { Tally } from './fault.ts'
import { each } from './measured.ts'
import { countRows } from './rows.ts'

const AT_ONCE = 20

/** F-65: whoever has not proved anything leaves no row; a client that pushes requests none either. */
export async function storage(cluster: Cluster, requests: number, tally: Tally): Promise<void> {
  const auth = cluster.at(0)
  const query = Object.fromEntries(authorizationRequest(auth, 'alder'))
  const ways: Record<string, (n: number) => Promise<Response>> = {
    'authorization requests': (n) =>
      auth.fetch(`${ISSUER}/authorize?${new URLSearchParams({ ...query, state: `${n}` })}`),
    'pushed requests of nobody': (n) =>
      auth.fetch(`${ISSUER}/par`, { method: 'POST', body: new URLSearchParams({ ...query, state: `${n}` }) }),
    'pushed requests of a client': (n) =>
      askAs(auth, 'alder', '/par', { ...query, client_id: undefined, state: `${n}` }),
    'requests by an address that was never pushed': (n) =>
      auth.fetch(`${ISSUER}/authorize?client_id=alder&request_uri=urn:ietf:params:oauth:request_uri:${n}`),
  }
  const before = await countRows(cluster.databaseUrl)
  const ofEach = Math.ceil(requests / Object.keys(ways).length)
  for (const [name, ask] of Object.entries(ways)) {
    const statuses = new Set<number>()
    await each(ofEach, AT_ONCE, async (n) => {
      const response = await ask(n)
      statuses.add(response.status)
      await response.text()
    })
    tally.count(`${name}: ${[...statuses]}`, ofEach)
    tally.expect(
      [...statuses].every((status) => status < 500),
      `${name}: ${[...statuses]}`,
    )
  }
  // Failures of a client are counted, in one row for each client and address.
  const { RateLimit = 0, ...after } = await countRows(cluster.databaseUrl)
  const { RateLimit: counted = 0, ...rest } = before
  tally.same('rows afterwards', after, rest)
  tally.expect(RateLimit - counted <= 1, `${RateLimit - counted} more counts`)
}

const SHARE = 300
const OF_A_STRANGER: Record<string, Record<string, string>> = {
  '/token': { grant_type: 'refresh_token', refresh_token: 'x' },
  '/par': {
    redirect_uri: 'https://elm.example/callback',
    response_type: 'code',
    scope: 'openid',
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
  },
}

/** F-66: proofs of strangers are not remembered, and who sends too many gets no further than his own share. */
export async function proofs(cluster: Cluster, requests: number, tally: Tally): Promise<void> {
  const auth = cluster.at(0)
  const before = await countRows(cluster.databaseUrl)
  for (const [path, form] of Object.entries(OF_A_STRANGER)) {
    const stranger = async () => await asks(auth, path, { client_id: 'elm', ...form })
    const [status] = await stranger()
    await each(requests, AT_ONCE, async () =>
      tally.same(`a stranger at ${path}`, (await stranger())[0], status),
    )
    tally.count(`proofs of strangers at ${path}, each with a key of its own: ${status}`, requests)
  }
  tally.same('rows afterwards', await countRows(cluster.databaseUrl), before)

  const [greedy, modest] = [await holder(auth, 0), await holder(auth, 1)]
  const statuses: number[] = []
  const startedAt = Date.now()
  await each(SHARE + 200, AT_ONCE, async () => void statuses.push(await greedy()))
  const taken = statuses.filter((status) => status === 200).length
  tally.count('proofs of one account that were taken', taken)
  tally.count('and that were not', statuses.length - taken)
  // A proof is remembered for half a minute: on a machine that takes longer for these, nobody fills his share.
  if (Date.now() - startedAt < 25_000)
    tally.expect(taken <= SHARE + AT_ONCE, `${taken} proofs of one account were taken`)
  tally.same('another account', await modest(), 200)
}

/** Asks with a new key, or this one, and once more if the server wants its nonce repeated. */
async function asks(
  auth: Provider,
  path: string,
  form: Record<string, string>,
  { key, authorization }: { key?: DpopKey; authorization?: string } = {},
): Promise<[status: number, body: Record<string, string>]> {
  const own = key ?? (await createDpopKey())
  for (let nonce: string | undefined; ; ) {
    const dpop = await own.prove({ method: 'POST', url: ISSUER + path, now: new Date(), nonce })
    const headers = { dpop, ...(authorization && { authorization }) }
    const response = await auth.fetch(ISSUER + path, {
      method: 'POST',
      headers,
      body: new URLSearchParams(form),
    })
    const body = await response.json()
    if (body.error !== 'use_dpop_nonce') return [response.status, body]
    nonce = response.headers.get('dpop-nonce') ?? undefined
  }
}

/** Somebody with a token that is bound to a key, who asks for his claims. */
async function holder(auth: Provider, person: number): Promise<() => Promise<number>> {
  const key = await createDpopKey()
  const { response } = await logsIn(auth, person)
  const redirect_uri = 'http://site-a.localhost:4001/sso/callback'
  const form = {
    grant_type: 'authorization_code',
    code: codeIn(response),
    redirect_uri,
    code_verifier: VERIFIER,
  }
  const authorization = `Basic ${btoa(['alder', secretOf('alder')].map(encodeURIComponent).join(':'))}`
  const [, { access_token: accessToken = '' }] = await asks(auth, '/token', form, { key, authorization })
  let nonce: string | undefined
  const once = async () => {
    const dpop = await key.prove({
      method: 'GET',
      url: `${ISSUER}/userinfo`,
      now: new Date(),
      nonce,
      accessToken,
    })
    const answer = await auth.fetch(`${ISSUER}/userinfo`, {
      headers: { authorization: `DPoP ${accessToken}`, dpop },
    })
    await answer.text()
    nonce = answer.headers.get('dpop-nonce') ?? nonce
    return answer
  }
  return async () => {
    const first = await once()
    return first.headers.has('dpop-nonce') ? (await once()).status : first.status
  }
}
