import { randomUUID } from 'node:crypto'
import type { Grant, NewGrant, PresentedRefresh } from '../domain/grants.ts'
import type { NewSession } from '../domain/sessions.ts'
import type { StoredKey } from '../domain/signing-keys.ts'
import type { Store } from '../domain/store.ts'
import type { OpenDatabase } from './database.ts'
import { openStore } from './index.ts'

/** A database that several stores can be opened on. */
export interface Place {
  open(): Promise<Store>
  /** Types of the events about a session, grant or key, in order. */
  events(about: string): Promise<string[]>
  /** Sets what the ports have no verb for. */
  disableAccount(accountId: string): Promise<void>
  remove(): Promise<void>
}

/** The database of this URL, which a test looks into past the ports. */
export function placeOn(url: string, { prisma }: OpenDatabase): Place {
  return {
    open: () => openStore(url),
    async events(about) {
      const columns = ['sessionId', 'grantId', 'keyId', 'clientId'] as const
      const where = { OR: columns.map((column) => ({ [column]: about })) }
      return (await prisma.auditEvent.findMany({ where, orderBy: { n: 'asc' } })).map(({ type }) => type)
    },
    async disableAccount(id) {
      await prisma.account.update({ where: { id }, data: { disabledAt: new Date() } })
    },
    remove: () => prisma.$disconnect(),
  }
}

export const T0 = new Date('2026-11-23T09:00:00.000Z')
export const after = (seconds: number) => new Date(T0.getTime() + seconds * 1000)
export const EIGHT_HOURS = 8 * 3600
export const fifty = <T>(call: (n: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: 50 }, (_, n) => call(n)))

export const anAccount = (id: string = randomUUID()) => ({
  id,
  email: `${id}@example.com`,
  passwordHash: '$argon2id$test',
  claims: { name: 'Alice', email_verified: true, address: { locality: 'Oxford' } },
})

export const aSession = (accountId: string, over: Partial<NewSession> = {}): NewSession => ({
  id: randomUUID(),
  secretHash: 'hash',
  accountId,
  authenticatedAt: T0,
  loginClientId: 'alder',
  passwordHash: '$argon2id$test',
  expiresAt: after(EIGHT_HOURS),
  ...over,
})

export const aGrant = (sessionId: string, over: Partial<NewGrant> = {}): NewGrant => ({
  id: randomUUID(),
  sessionId,
  clientId: 'alder',
  scope: 'openid profile',
  resources: ['http://site-a.test', 'http://site-b.test'],
  authenticatedAt: T0,
  ...over,
})

export const aKey = (over: Partial<StoredKey> = {}): StoredKey => ({
  id: randomUUID(),
  algorithm: 'ES256',
  state: 'next',
  since: T0,
  sealedPrivateKey: 'sealed',
  publicJwk: { kty: 'EC', crv: 'P-256' },
  ...over,
})

/** The refresh token of this grant in that generation, as its client presents it. */
export const present = ({ id, clientId }: Grant, generation: number): PresentedRefresh => ({
  grantId: id,
  clientId,
  generation,
})

/** A store on a place of its own, with one account, and what tests make in it. */
export interface Subject {
  place: Place
  store: Store
  /** Whose the sessions are, if nothing else is said. */
  accountId: string
  newAccount(): Promise<ReturnType<typeof anAccount>>
  newSession(over?: Partial<NewSession>): Promise<NewSession>
  newGrant(over?: Partial<NewGrant>): Promise<Grant>
}

export async function openSubject(place: Place): Promise<Subject> {
  const store = await place.open()

  async function newAccount() {
    const account = anAccount()
    await store.accounts.addMissing([account])
    return account
  }
  async function newSession(over: Partial<NewSession> = {}) {
    const session = aSession(accountId, over)
    if (!(await store.sessions.start(session))) throw new Error('it did not start')
    return session
  }
  async function newGrant(over: Partial<NewGrant> = {}): Promise<Grant> {
    const sessionId = over.sessionId ?? (await newSession()).id
    const result = await store.grants.redeem(aGrant(sessionId, over), after(1))
    if (result.outcome !== 'redeemed') throw new Error(result.outcome)
    return result.grant
  }
  const { id: accountId } = await newAccount()
  return { place, store, accountId, newAccount, newSession, newGrant }
}
