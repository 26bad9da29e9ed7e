import {
  askOracle,
  Browser,
  CLIENTS,
  codeIn,
  ISSUER,
  openLogoutReceiver,
  type Provider,
  providerAt as providerThere,
  redeem,
  registrationOf,
  secretOf,
  type Tokens,
  userinfo,
} from '@grove/auth/testing'
import { type AuthProcess, openPlace, type StartOptions } from './auth-process.ts'

const PEOPLE = 40
export const PASSWORD = 'the password of everybody'
const ALDER = CLIENTS.filter(({ id }) => id === 'alder')

/** A public client: anybody can say to be it. */
const ELM = {
  client_id: 'elm',
  client_name: 'Elm',
  token_endpoint_auth_method: 'none',
  redirect_uris: ['https://elm.example/callback'],
  scope: 'openid',
}

/** Several processes on one database, and people who use them. */
export interface Cluster {
  databaseUrl: string
  processes: AuthProcess[]
  /** The process with this number, or with the rest of it; also one that took its place since. */
  at(number: number): Provider
  /** One more process on the same database, which is none of these unless it takes the place of one. */
  start(options?: StartOptions): Promise<AuthProcess>
  /** The next process is made ready, so that it starts at once. */
  prepare(): void
  /** The `sid` of each logout token that the site was sent. */
  heard: string[]
  /** What is broken in the database now. `secrets`: what was used, and may stand nowhere. */
  oracle(secrets?: string[]): Promise<string[]>
  close(): Promise<void>
}

export interface ClusterOptions {
  databaseUrl?: string | undefined
  /** Settings of every process that are not as in the other tests. */
  settings?: Record<string, string>
}

/** With an empty database, and a new file if it is not given. */
export async function openCluster(size: number, options: ClusterOptions = {}): Promise<Cluster> {
  const site = await openLogoutReceiver()
  const place = await openPlace(seedWith(site.uri), options)
  // All at once: whichever comes first makes the database, its people and its keys.
  const processes = await Promise.all(Array.from({ length: size }, () => place.start()))

  return {
    databaseUrl: place.databaseUrl,
    processes,
    heard: site.heard,
    at: (number) => providerAt(() => processes[number % processes.length]?.origin ?? ''),
    start: place.start,
    prepare: place.prepare,
    oracle: (secrets = []) =>
      askOracle(place.databaseUrl, { told: ['alder'], secrets: [PASSWORD, secretOf('alder'), ...secrets] }),
    async close() {
      await place.close()
      site.close()
    },
  }
}

export const emailOf = (person: number) => `person-${person}@example.com`
/** What becomes of a code or a refresh token that is worth nothing any more. */
export const SPENT = '400 invalid_grant'

export const accountOf = (person: number) => `acc_${person}`

function seedWith(backchannelLogoutUri: string) {
  return {
    clients: [...ALDER.map((client) => registrationOf(client, backchannelLogoutUri)), ELM],
    accounts: Array.from({ length: PEOPLE }, (_, person) => ({
      email: emailOf(person),
      password: PASSWORD,
      claims: { sub: accountOf(person), name: `Person ${person}` },
    })),
  }
}

/** One of the processes, for the helpers that fill in forms and redeem codes. */
export const providerAt = (origin: () => string, registered = ALDER): Provider =>
  providerThere(origin, registered)

/** The login page, filled in. The answer is a redirect with a code. */
export async function logsIn(
  provider: Provider,
  person: number,
  more: Record<string, string> = {},
): Promise<{ browser: Browser; response: Response }> {
  const browser = new Browser(provider)
  const page = await browser.authorize('alder', more)
  return { browser, response: await fillsIn(browser, await page.text(), person) }
}

export function fillsIn(browser: Browser, page: string, person: number): Promise<Response> {
  return browser.submit(page, { email: emailOf(person), password: PASSWORD, intent: 'sign-in' })
}

export async function tokensFor(provider: Provider, response: Response): Promise<Tokens> {
  const answer = await redeem(provider, 'alder', codeIn(response))
  if (answer.status !== 200) throw new Error(`no tokens: ${answer.status} ${await answer.text()}`)
  return (await answer.json()) as Tokens // what a test redeems is right
}

/** `200`, or `400 invalid_grant` and the like; `lost` when there was no answer. */
export async function verdictOf(asked: Promise<Response>): Promise<{ verdict: string; tokens?: Tokens }> {
  try {
    const response = await asked
    const body = await response.json()
    return response.ok ? { verdict: '200', tokens: body } : { verdict: `${response.status} ${body.error}` }
  } catch {
    return { verdict: 'lost' }
  }
}

export async function isAlive(provider: Provider, accessToken: string): Promise<boolean> {
  return (await userinfo(provider, accessToken)).status === 200
}

/** Opens the connections before the race begins, so that it is none of handshakes. */
export async function warmUp(cluster: Cluster, connections: number): Promise<void> {
  const asked = Array.from({ length: connections }, (_, n) => cluster.at(n).fetch(`${ISSUER}/healthz`))
  await Promise.all((await Promise.all(asked)).map((response) => response.text()))
}
