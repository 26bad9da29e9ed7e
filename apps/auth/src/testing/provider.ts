import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CommonClaims, createVerifier, localKeys, type TokenKind } from '@grove/jwt'
import type { Tracer } from '@grove/traces'
import { createApp } from '../app.ts'
import { type Auth, createAuth } from '../auth.ts'
import type { PostLogoutToken } from '../domain/back-channel.ts'
import type { Client } from '../domain/clients.ts'
import { openKeyring, SIGNING_ALGORITHMS } from '../domain/keyring.ts'
import { hashPassword } from '../domain/passwords.ts'
import { openConnection } from '../store/connection.ts'
import { openStore } from '../store/index.ts'
import { createTelemetry } from '../telemetry/index.ts'
import { CLIENTS } from './clients.ts'

export const ISSUER = 'http://auth.localhost:4000'
export const SECRETS = ['a secret for tests that is long enough']
export const PASSWORDS = {
  alice: 'wonderland-1865',
  bob: 'yes-we-can-1999',
  iris: 'every-claim-there-is',
} as const
export type Person = keyof typeof PASSWORDS

const ALICE = {
  name: 'Alice Liddell',
  given_name: 'Alice',
  family_name: 'Liddell',
  birthdate: '1852-05-04',
  email_verified: true,
  phone_number: '+44 20 7946 0018',
  phone_number_verified: true,
  address: { locality: 'Oxford', country: 'United Kingdom' },
  updated_at: 1_764_000_000,
}
/** Somebody of whom everything is known: each standard claim. */
const IRIS = {
  ...ALICE,
  name: 'Iris Every Claim',
  given_name: 'Iris',
  family_name: 'Claim',
  middle_name: 'Every',
  nickname: 'Ris',
  preferred_username: 'iris',
  profile: 'https://iris.example/me',
  picture: 'https://iris.example/me.png',
  website: 'https://iris.example/',
  gender: 'female',
  zoneinfo: 'Europe/Paris',
  locale: 'fr-FR',
  roles: ['editor'],
}
const CLAIMS = { alice: ALICE, bob: { name: 'Bob Builder' }, iris: IRIS }

/** Argon2 is slow on purpose, so the hashes are made once. */
const accounts = Promise.all(
  (['alice', 'bob', 'iris'] as const).map(async (person) => ({
    id: `acc_${person}`,
    email: `${person}@example.com`,
    claims: CLAIMS[person],
    passwordHash: await hashPassword(PASSWORDS[person]),
  })),
)

/** A database with people and keys in it. Both take their time to make, so each test gets a copy. */
let template: Promise<string> | undefined

async function makeTemplate(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'provider-template-'))
  const [url, path] = [`file:${join(folder, 'auth.db')}`, join(folder, 'template.db')]
  const store = await openStore(url)
  await store.accounts.addMissing(await accounts)
  await openKeyring(store.keys, SECRETS, new Date())
  await store.close()
  // A closed store leaves what it wrote in the log (-wal) beside its file: this brings both into one file, which can be copied.
  const connection = await openConnection(url)
  await connection.executeScript(`VACUUM INTO '${path}'`)
  await connection.dispose()
  return path
}

/** A whole provider in this process: the real rules over the real store, with a clock that stands still until it is moved. */
export interface Provider {
  issuer: string
  auth: Auth
  /** Where its database is, for what no rule of ours does to it. */
  databaseUrl: string
  /** What was posted to clients, oldest first. */
  posts: { uri: string; logoutToken: string }[]
  /** What was logged, line by line. */
  log: string[]
  /** How clients answer: a reason why it failed, or nothing. */
  answerPost: PostLogoutToken
  /** How the rest of the world answers this provider: key sets of clients. */
  answerFetch: typeof fetch
  /** Reaches this provider alone, whatever the address. */
  fetch: typeof fetch
  /** The same from another address, as the socket says it. */
  fetchFrom(address: string, ...request: Parameters<typeof fetch>): Promise<Response>
  pass(seconds: number): void
  /** The claims and header of a token of this provider, verified as the client would. */
  read<Claims extends CommonClaims>(
    kind: TokenKind<Claims>,
    token: string,
    audience: string,
  ): Promise<{ claims: Claims; header: { alg: string; kid?: string; typ?: string } }>
  /** Another process on the same database; with other clients, as after a change of the seed. */
  another(options?: { secrets?: string[]; clients?: readonly Client[] }): Promise<Provider>
  close(): Promise<void>
}

export interface ProviderOptions {
  clients?: readonly Client[]
  /** Where the clock stands at first: the present if not said. */
  startsAt?: Date
  /** Off unless a test is about them. */
  hasRateLimits?: boolean
  trustedProxies?: readonly string[]
  metrics?: Auth['metrics']
  hasStrictTransport?: boolean
  /** They may if not said. */
  isRegistrationOpen?: boolean
  tracer?: Tracer
}

export async function openProvider({
  clients = CLIENTS,
  startsAt,
  hasRateLimits = false,
  ...options
}: ProviderOptions = {}): Promise<Provider> {
  const folder = await mkdtemp(join(tmpdir(), 'provider-'))
  // At another time its keys would be too young or too old.
  template ??= makeTemplate()
  if (!startsAt) await copyFile(await template, join(folder, 'auth.db'))
  let time = (startsAt ?? new Date()).getTime()
  const closers: (() => Promise<void>)[] = []

  const databaseUrl = `file:${join(folder, 'auth.db')}`

  async function open(secrets: string[], registered: readonly Client[]): Promise<Provider> {
    const log: string[] = []
    const { tracer } = options
    const telemetry = createTelemetry({ level: 'info', write: (line) => log.push(line), tracer })
    const store = await openStore(databaseUrl, telemetry.happened, tracer)
    closers.push(() => store.close())
    await store.accounts.addMissing(await accounts)
    const now = () => new Date(time)
    const posts: Provider['posts'] = []
    const auth = await createAuth({
      issuer: ISSUER,
      secrets,
      store,
      clients: registered,
      now,
      telemetry,
      hasRateLimits,
      isRegistrationOpen: true,
      ...options,
      fetch: (input, init) => provider.answerFetch(input, init),
      post: (uri, logoutToken) => {
        posts.push({ uri, logoutToken })
        return provider.answerPost(uri, logoutToken)
      },
    })
    const app = createApp(auth)
    const provider: Provider = {
      issuer: ISSUER,
      auth,
      databaseUrl,
      posts,
      log,
      answerPost: async () => undefined,
      answerFetch: async () => new Response(null, { status: 404 }),
      fetch: (input, init) => provider.fetchFrom('127.0.0.1', input, init),
      fetchFrom: async (remoteAddress, input, init) =>
        app.fetch(new Request(input, init), { incoming: { socket: { remoteAddress } } }),
      pass: (seconds) => {
        time += seconds * 1000
      },
      async read(kind, token, audience) {
        const keys = localKeys(auth.keyring.publicJwks)
        const verifier = createVerifier({
          issuer: ISSUER,
          audience,
          algorithms: SIGNING_ALGORITHMS,
          keys,
          status: 'unchecked',
          now,
        })
        return await verifier.verify(kind, token)
      },
      another: ({ secrets: theirs = secrets, clients: known = registered } = {}) => open(theirs, known),
      async close() {
        for (const closeStore of closers) await closeStore()
        await rm(folder, { recursive: true })
      },
    }
    return provider
  }

  return await open(SECRETS, clients)
}
