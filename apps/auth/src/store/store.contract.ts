import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Grant, NewGrant } from '../domain/grants.ts'
import type { NewSession } from '../domain/sessions.ts'
import type { StoredKey } from '../domain/signing-keys.ts'
import type { Store } from '../domain/store.ts'

/** A database that several stores can be opened on. */
export interface Place {
  open(): Promise<Store>
  /** Types of the events about a session, grant or key, in order. */
  events(about: string): Promise<string[]>
  /** Sets what the ports have no verb for. */
  disableAccount(accountId: string): Promise<void>
  remove(): Promise<void>
}

const T0 = new Date('2026-11-23T09:00:00.000Z')
const after = (seconds: number) => new Date(T0.getTime() + seconds * 1000)
const EIGHT_HOURS = 8 * 3600
const fifty = <T>(call: (n: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: 50 }, (_, n) => call(n)))

export const anAccount = (id = randomUUID()) => ({
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

const aKey = (over: Partial<StoredKey> = {}): StoredKey => ({
  id: randomUUID(),
  algorithm: 'ES256',
  state: 'next',
  since: T0,
  sealedPrivateKey: 'sealed',
  publicJwk: { kty: 'EC', crv: 'P-256' },
  ...over,
})

/** What every implementation of the ports keeps. */
export function storeContract(name: string, makePlace: () => Promise<Place>): void {
  describe(name, () => {
    let place: Place
    let store: Store
    let accountId: string

    beforeAll(async () => {
      place = await makePlace()
      store = await place.open()
      accountId = (await newAccount()).id
    })
    afterAll(async () => {
      await store.close()
      await place.remove()
    })

    async function newAccount() {
      const account = anAccount()
      await store.accounts.addMissing([account])
      return account
    }
    async function newSession(over: Partial<NewSession> = {}) {
      const session = aSession(accountId, over)
      await store.sessions.start(session)
      return session
    }
    async function newGrant(over: Partial<NewGrant> = {}): Promise<Grant> {
      const sessionId = over.sessionId ?? (await newSession()).id
      const result = await store.grants.redeem(aGrant(sessionId, over), after(1))
      if (result.outcome !== 'redeemed') throw new Error(result.outcome)
      return result.grant
    }
    const present = ({ id, clientId }: Grant, generation: number) => ({ grantId: id, clientId, generation })

    describe('accounts', () => {
      test('an account comes back as it was added, by email and by id', async () => {
        const account = await newAccount()
        expect(await store.accounts.findByEmail(account.email)).toEqual(account)
        const { passwordHash: _, ...known } = account
        expect(await store.accounts.findById(account.id)).toEqual(known)
      })

      test('one whose id or email is taken stays as it is', async () => {
        const account = await newAccount()
        const other = anAccount()
        const changed = [
          { ...account, email: 'new@example.com' },
          { ...anAccount(), email: account.email },
          other,
        ]
        expect(await store.accounts.addMissing(changed)).toBe(1)
        expect((await store.accounts.findById(account.id))?.email).toBe(account.email)
        expect(await store.accounts.existing([account.id, other.id, 'nobody'])).toEqual(
          new Set([account.id, other.id]),
        )
      })

      test('a disabled account is not found, and neither is what was given to it', async () => {
        const account = await newAccount()
        const session = await newSession({ accountId: account.id })
        const grant = await newGrant({ sessionId: session.id })
        await place.disableAccount(account.id)
        expect(await store.accounts.findByEmail(account.email)).toBeUndefined()
        expect(await store.accounts.findById(account.id)).toBeUndefined()
        expect(await store.sessions.find(session.id, after(1))).toBeUndefined()
        expect(await store.sessions.renew(session.id, aSession(account.id), after(1))).toBe(false)
        expect((await store.grants.redeem(aGrant(session.id), after(1))).outcome).toBe('session_ended')
        expect((await store.grants.rotate(present(grant, 0), after(1), 10)).outcome).toBe('unknown')
        expect(await store.grants.find(grant.id, after(1))).toBeUndefined()
      })
    })

    describe('a new account', () => {
      test('race F-39: fifty register one email, one account is added, and each writes one event', async () => {
        const email = `${randomUUID()}@example.com`
        await fifty(() => store.accounts.register({ ...anAccount(), email }, T0))
        const { id } = (await store.accounts.findByEmail(email)) ?? { id: '' }
        const events = (await store.audit.ofAccount(id, 100)).map(({ type }) => type)
        expect(events.filter((type) => type === 'account.registered')).toHaveLength(1)
        expect(events.filter((type) => type === 'registration.repeated')).toHaveLength(49)
      })
    })

    describe('a new password', () => {
      const change = (account: { id: string }, sessionId: string, over = {}) =>
        store.accounts.changePassword(
          {
            accountId: account.id,
            from: '$argon2id$test',
            to: '$argon2id$new',
            keep: { sessionId, secretHash: 'new' },
            ...over,
          },
          new Set(['alder']),
          after(60),
        )

      test('7.4.3 one session is kept under a new secret, the others end as a logout ends them', async () => {
        const account = await newAccount()
        const [kept, other] = [
          await newSession({ accountId: account.id }),
          await newSession({ accountId: account.id }),
        ]
        const [own, theirs] = [
          await newGrant({ sessionId: kept.id }),
          await newGrant({ sessionId: other.id }),
        ]
        expect(await change(account, kept.id)).toBe(true)
        expect(await store.accounts.findByEmail(account.email)).toMatchObject({
          passwordHash: '$argon2id$new',
        })
        const renewed = { secretHash: 'new', authenticatedAt: after(60) }
        expect(await store.sessions.find(kept.id, after(61))).toMatchObject(renewed)
        expect(await store.sessions.find(other.id, after(61))).toBeUndefined()
        expect(await store.grants.find(own.id, after(61))).toBeDefined()
        expect(await store.grants.find(theirs.id, after(61))).toBeUndefined()
        expect(await store.logouts.ofSession(other.id)).toEqual([{ clientId: 'alder', delivered: false }])
        expect(await store.logouts.ofSession(kept.id)).toEqual([])
        expect(await place.events(kept.id)).toEqual(['login.succeeded', 'password.changed'])
        expect(await place.events(other.id)).toEqual(['login.succeeded', 'session.ended'])
      })

      test('a password that is no longer the proved one, or a session that is over: nothing changes', async () => {
        const account = await newAccount()
        const [mine, ended] = [
          await newSession({ accountId: account.id }),
          await newSession({ accountId: account.id }),
        ]
        await store.sessions.end(ended.id, new Set(), after(1))
        expect(await change(account, mine.id, { from: 'another' })).toBe(false)
        expect(await change(account, ended.id)).toBe(false)
        expect(await change(account, (await newSession()).id)).toBe(false)
        expect(await store.accounts.findByEmail(account.email)).toEqual(account)
        expect(await store.sessions.find(mine.id, after(61))).toMatchObject({ secretHash: 'hash' })
      })

      test('race: fifty change it, one wins', async () => {
        const account = await newAccount()
        const session = await newSession({ accountId: account.id })
        const won = await fifty((n) => change(account, session.id, { to: `hash ${n}` }))
        expect(won.filter(Boolean)).toHaveLength(1)
        expect(await store.accounts.findByEmail(account.email)).toMatchObject({
          passwordHash: `hash ${won.indexOf(true)}`,
        })
      })
    })

    describe('consents', () => {
      const allow = (clientId: string, scope: string, at = T0) =>
        store.consents.allow(accountId, clientId, scope, at)

      test('what was allowed is found, and a later answer adds to it', async () => {
        expect(await store.consents.find(accountId, 'oak')).toBeUndefined()
        await allow('oak', 'openid email')
        await allow('oak', 'openid phone', after(1))
        expect(await store.consents.find(accountId, 'oak')).toEqual({
          clientId: 'oak',
          scope: 'openid email phone',
          at: after(1),
        })
        expect(await store.consents.find((await newAccount()).id, 'oak')).toBeUndefined()
        expect((await store.consents.ofAccount(accountId)).map(({ clientId }) => clientId)).toContain('oak')
        expect(await place.events('oak')).toEqual(['consent.given', 'consent.given'])
      })

      test('RT-8 withdrawing revokes every grant of that client and account, and owes it a logout for each session', async () => {
        await allow('pine', 'openid')
        const [one, two] = [await newGrant({ clientId: 'pine' }), await newGrant({ clientId: 'pine' })]
        const again = await newGrant({ clientId: 'pine', sessionId: two.sessionId })
        const others = [
          await newGrant({ clientId: 'alder', sessionId: one.sessionId }),
          await newGrant({
            clientId: 'pine',
            sessionId: (await newSession({ accountId: (await newAccount()).id })).id,
          }),
        ]
        expect(await store.consents.withdraw(accountId, 'pine', new Set(['pine']), after(2))).toBe(true)
        expect(await store.consents.find(accountId, 'pine')).toBeUndefined()
        for (const { id } of [one, two, again]) {
          expect(await store.grants.find(id, after(3))).toBeUndefined()
          expect(await place.events(id)).toEqual(['grant.revoked'])
        }
        for (const { id } of others) expect(await store.grants.find(id, after(3))).toBeDefined()
        for (const { sessionId } of [one, two])
          expect(await store.logouts.ofSession(sessionId)).toEqual([{ clientId: 'pine', delivered: false }])
        expect((await place.events('pine')).filter((type) => type.startsWith('consent'))).toEqual([
          'consent.given',
          'consent.withdrawn',
        ])
        expect(await store.consents.withdraw(accountId, 'pine', new Set(['pine']), after(3))).toBe(false)
      })

      test('race: fifty answers at once keep every scope, and fifty withdraw once', async () => {
        await fifty((n) => allow('rowan', `openid s${n}`))
        const consent = await store.consents.find(accountId, 'rowan')
        expect(consent?.scope.split(' ')).toHaveLength(51)
        const won = await fifty(() => store.consents.withdraw(accountId, 'rowan', new Set(), after(1)))
        expect(won.filter(Boolean)).toHaveLength(1)
      })
    })

    describe('devices', () => {
      test('the live sessions of an account, newest first, each with the clients that hold something alive', async () => {
        const { id } = await newAccount()
        const phone = await newSession({ accountId: id, device: 'Safari on iPhone' })
        const desk = await newSession({ accountId: id, authenticatedAt: after(10) })
        const over = await newSession({ accountId: id })
        await store.sessions.end(over.id, new Set(), after(1))
        for (const clientId of ['alder', 'alder', 'birch']) await newGrant({ sessionId: phone.id, clientId })
        const gone = await newGrant({ sessionId: phone.id, clientId: 'cedar' })
        await store.grants.revoke(gone.id, 'cedar', after(2))
        const devices = await store.sessions.ofAccount(id, after(20))
        expect(devices.map(({ sessionId }) => sessionId)).toEqual([desk.id, phone.id])
        expect(devices[0]).toMatchObject({ device: null, clientIds: [] })
        expect(devices[1]).toMatchObject({ device: 'Safari on iPhone', authenticatedAt: T0 })
        expect(devices[1]?.clientIds.toSorted()).toEqual(['alder', 'birch'])
        expect(await store.sessions.ofAccount(id, after(EIGHT_HOURS))).toEqual([])
      })

      test('7.4.5 leaving one client revokes what it holds in that session, and nothing else', async () => {
        const session = await newSession()
        const first = await newGrant({ sessionId: session.id })
        const second = await newGrant({ sessionId: session.id })
        const birch = await newGrant({ sessionId: session.id, clientId: 'birch' })
        const elsewhere = await newGrant()
        const leave = () => store.sessions.leave(session.id, 'alder', new Set(['alder']), after(2))
        expect((await fifty(leave)).filter(Boolean)).toHaveLength(1)
        for (const { id } of [first, second]) {
          expect(await store.grants.find(id, after(3))).toBeUndefined()
          expect(await place.events(id)).toEqual(['grant.revoked'])
        }
        for (const { id } of [birch, elsewhere]) expect(await store.grants.find(id, after(3))).toBeDefined()
        expect(await store.sessions.find(session.id, after(3))).toBeDefined()
        expect(await store.logouts.ofSession(session.id)).toEqual([{ clientId: 'alder', delivered: false }])
      })

      test('a client that came back after it was told is told again when the session ends', async () => {
        await store.logouts.claimDue(after(EIGHT_HOURS), after(1e9), 1e6)
        const session = await newSession()
        await newGrant({ sessionId: session.id })
        await store.sessions.leave(session.id, 'alder', new Set(['alder']), after(2))
        const [told] = await store.logouts.claimDue(after(3), after(33), 10)
        await store.logouts.record(told?.id ?? 0, { outcome: 'delivered' }, after(4))
        await newGrant({ sessionId: session.id })
        expect(await store.sessions.end(session.id, new Set(['alder']), after(5))).toHaveLength(1)
        expect(await store.logouts.ofSession(session.id)).toEqual([{ clientId: 'alder', delivered: false }])
      })
    })

    test('the events of an account come newest first, and none of another', async () => {
      const { id } = await newAccount()
      const other = await newAccount()
      for (const clientId of ['one', 'two', 'three']) await store.consents.allow(id, clientId, 'openid', T0)
      await store.consents.allow(other.id, 'four', 'openid', T0)
      const events = await store.audit.ofAccount(id, 2)
      expect(events).toEqual([
        { type: 'consent.given', at: T0, clientId: 'three' },
        { type: 'consent.given', at: T0, clientId: 'two' },
      ])
    })

    describe('sessions', () => {
      test('a live session is found with its account; starting it is an event', async () => {
        const session = await newSession()
        const found = await store.sessions.find(session.id, after(1))
        const { accountId: id, ...rest } = session
        expect(found).toMatchObject({ ...rest, account: { id, claims: { name: 'Alice' } } })
        expect(await place.events(session.id)).toEqual(['login.succeeded'])
      })

      test('an expired, ended or invented one is not', async () => {
        const session = await newSession()
        expect(await store.sessions.find(session.id, after(EIGHT_HOURS))).toBeUndefined()
        expect(await store.sessions.find('nobody', T0)).toBeUndefined()
        await store.sessions.end(session.id, new Set(), after(1))
        expect(await store.sessions.find(session.id, after(2))).toBeUndefined()
      })

      test('F-41: what was ended stays ended when the clock is set back', async () => {
        const session = await newSession()
        const grant = await newGrant({ sessionId: session.id })
        await store.sessions.end(session.id, new Set(), after(3600))
        expect(await store.sessions.find(session.id, after(1))).toBeUndefined()
        expect(await store.grants.find(grant.id, after(1))).toBeUndefined()
        expect((await store.grants.rotate(present(grant, 0), after(1), 10)).outcome).toBe('unknown')
        expect(await store.sessions.renew(session.id, aSession(accountId), after(1))).toBe(false)
      })

      test('many at once: each caller gets its own session', async () => {
        const sessions = await fifty((n) => newSession({ secretHash: `hash ${n}` }))
        const found = await fifty((n) =>
          store.sessions.find(sessions[n]?.id ?? '', n % 2 ? T0 : after(EIGHT_HOURS)),
        )
        found.forEach((session, n) => {
          expect(session?.secretHash).toBe(n % 2 ? `hash ${n}` : undefined)
        })
      })

      test('a renewed session keeps its id; an ended one cannot be renewed', async () => {
        const session = await newSession()
        const renewed = { secretHash: 'new', authenticatedAt: after(60), loginClientId: 'birch' }
        expect(await store.sessions.renew(session.id, renewed, after(60))).toBe(true)
        expect(await store.sessions.find(session.id, after(61))).toMatchObject(renewed)
        await store.sessions.end(session.id, new Set(), after(62))
        expect(await store.sessions.renew(session.id, renewed, after(63))).toBe(false)
        expect(await place.events(session.id)).toEqual([
          'login.succeeded',
          'login.succeeded',
          'session.ended',
        ])
      })

      test('ending it revokes its grants and owes a logout to each client of `tell` once', async () => {
        const session = await newSession()
        const grant = await newGrant({ sessionId: session.id })
        await newGrant({ sessionId: session.id })
        await newGrant({ sessionId: session.id, clientId: 'birch' })
        await newGrant({ sessionId: session.id, clientId: 'deaf' })
        const owed = await store.sessions.end(session.id, new Set(['alder', 'birch', 'stranger']), after(2))
        expect(owed.map(({ clientId }) => clientId).sort()).toEqual(['alder', 'birch'])
        expect(owed[0]).toMatchObject({ sessionId: session.id, accountId, attempts: 0 })
        expect((await store.grants.rotate(present(grant, 0), after(3), 10)).outcome).toBe('unknown')
        expect((await store.grants.redeem(aGrant(session.id), after(3))).outcome).toBe('session_ended')
      })

      test('race: fifty callers end it, one wins', async () => {
        const session = await newSession()
        await newGrant({ sessionId: session.id })
        const owed = await fifty(() => store.sessions.end(session.id, new Set(['alder']), after(2)))
        expect(owed.flat()).toHaveLength(1)
        expect(await place.events(session.id)).toEqual(['login.succeeded', 'session.ended'])
      })

      test('race F-34: a refresh against a logout leaves nothing alive', async () => {
        for (let round = 0; round < 20; round++) {
          const grant = await newGrant()
          const rotate = () => store.grants.rotate(present(grant, 0), after(2), 10)
          const end = () => store.sessions.end(grant.sessionId, new Set(), after(2))
          await Promise.all(round % 2 ? [rotate(), end()] : [end(), rotate()])
          expect(await store.grants.find(grant.id, after(3))).toBeUndefined()
        }
      })
    })

    describe('redeeming a code', () => {
      test('the grant carries the session, the account and what was asked for', async () => {
        const session = await newSession({ loginClientId: 'birch' })
        const fresh = aGrant(session.id)
        const result = await store.grants.redeem(fresh, after(1))
        expect(result).toMatchObject({
          outcome: 'redeemed',
          grant: { ...fresh, generation: 0, loginClientId: 'birch', expiresAt: session.expiresAt },
        })
        expect(result).toMatchObject({ grant: { account: { id: accountId, claims: { name: 'Alice' } } } })
      })

      test('race F-31: of fifty callers one wins, and the reuse revokes the grant', async () => {
        const session = await newSession()
        const code = aGrant(session.id)
        const outcomes = (await fifty(() => store.grants.redeem(code, after(1)))).map(
          ({ outcome }) => outcome,
        )
        expect(outcomes.filter((outcome) => outcome === 'redeemed')).toHaveLength(1)
        expect(outcomes.filter((outcome) => outcome === 'used')).toHaveLength(49)
        expect(await store.grants.find(code.id, after(1))).toBeUndefined()
        expect(await place.events(code.id)).toEqual(['code.reused'])
      })

      test('a spent code of another client changes nothing', async () => {
        const grant = await newGrant()
        const foreign = aGrant(grant.sessionId, { id: grant.id, clientId: 'birch' })
        expect((await store.grants.redeem(foreign, after(2))).outcome).toBe('used')
        expect(await store.grants.find(grant.id, after(2))).toEqual(grant)
        expect(await place.events(grant.id)).toEqual([])
      })

      test('an expired or unknown session gives nothing', async () => {
        const session = await newSession()
        expect((await store.grants.redeem(aGrant(session.id), after(EIGHT_HOURS))).outcome).toBe(
          'session_ended',
        )
        expect((await store.grants.redeem(aGrant('nobody'), after(1))).outcome).toBe('session_ended')
      })

      test('a statement that fails fails for the item that broke it, not for those beside it', async () => {
        const session = await newSession()
        const broken = aGrant(session.id, { clientId: null as never })
        const results = await Promise.allSettled(
          Array.from({ length: 9 }, (_, n) =>
            store.grants.redeem(n === 4 ? broken : aGrant(session.id), after(1)),
          ),
        )
        expect(results.map(({ status }) => status).filter((status) => status === 'rejected')).toHaveLength(1)
        expect(results[4]?.status).toBe('rejected')
        expect(results[5]).toMatchObject({ value: { outcome: 'redeemed' } })
      })

      test('many at once: each gets its own grant, and no two the same index (SL-11)', async () => {
        const sessions = await fifty(() => newSession())
        const grants = await fifty((n) => newGrant({ sessionId: sessions[n]?.id, scope: `scope ${n}` }))
        grants.forEach((grant, n) => {
          expect(grant).toMatchObject({ sessionId: sessions[n]?.id, scope: `scope ${n}` })
        })
        expect(new Set(grants.map(({ index }) => index)).size).toBe(50)
      })
    })

    describe('rotating a refresh token', () => {
      test('each rotation is the next generation and leaves the rest as it is', async () => {
        const grant = await newGrant()
        const first = await store.grants.rotate(present(grant, 0), after(10), 10)
        expect(first).toEqual({ outcome: 'rotated', grant: { ...grant, generation: 1 } })
        const second = await store.grants.rotate(present(grant, 1), after(20), 10)
        expect(second).toEqual({ outcome: 'rotated', grant: { ...grant, generation: 2 } })
      })

      test('race F-33: fifty callers inside the grace get one successor; one after it ends the grant', async () => {
        const grant = await newGrant()
        const results = await fifty(() => store.grants.rotate(present(grant, 0), after(10), 10))
        expect(results.filter(({ outcome }) => outcome === 'rotated')).toHaveLength(1)
        expect(results.filter(({ outcome }) => outcome === 'replayed')).toHaveLength(49)
        for (const result of results) expect(result).toMatchObject({ grant: { ...grant, generation: 1 } })
        expect(await store.grants.rotate(present(grant, 0), after(20), 10)).toEqual({ outcome: 'reused' })
        expect(await store.grants.find(grant.id, after(20))).toBeUndefined()
        expect((await store.grants.rotate(present(grant, 1), after(20), 10)).outcome).toBe('unknown')
        expect(await place.events(grant.id)).toEqual(['refresh.reused'])
      })

      test('race F-32: without a grace one caller gets a successor and the grant ends', async () => {
        const grant = await newGrant()
        const results = await fifty(() => store.grants.rotate(present(grant, 0), after(10), 0))
        const outcomes = results.map(({ outcome }) => outcome)
        expect(outcomes.filter((outcome) => outcome === 'rotated')).toHaveLength(1)
        expect(outcomes.filter((outcome) => outcome === 'reused')).toHaveLength(1)
        expect(outcomes.filter((outcome) => outcome === 'unknown')).toHaveLength(48)
        expect(await store.grants.find(grant.id, after(10))).toBeUndefined()
        expect(await place.events(grant.id)).toEqual(['refresh.reused'])
      })

      test('two generations back is reuse, however soon', async () => {
        const grant = await newGrant()
        await store.grants.rotate(present(grant, 0), after(10), 10)
        await store.grants.rotate(present(grant, 1), after(10), 10)
        expect((await store.grants.rotate(present(grant, 0), after(10), 10)).outcome).toBe('reused')
      })

      test('F-41: a clock that was set back does not stretch the grace', async () => {
        const grant = await newGrant()
        await store.grants.rotate(present(grant, 0), after(3600), 10)
        expect((await store.grants.rotate(present(grant, 0), after(5), 10)).outcome).toBe('reused')
      })

      test('another client, a generation to come, an unknown or expired grant: unknown and untouched', async () => {
        const grant = await newGrant()
        const rotate = (over: object, now = after(10)) =>
          store.grants.rotate({ ...present(grant, 0), ...over }, now, 10)
        expect((await rotate({ clientId: 'birch' })).outcome).toBe('unknown')
        expect((await rotate({ generation: 1 })).outcome).toBe('unknown')
        expect((await rotate({ grantId: 'nobody' })).outcome).toBe('unknown')
        expect((await rotate({}, after(EIGHT_HOURS))).outcome).toBe('unknown')
        expect(await store.grants.find(grant.id, after(10))).toEqual(grant)
        await rotate({})
        expect((await rotate({ clientId: 'birch' }, after(11))).outcome).toBe('unknown')
        expect((await rotate({ clientId: 'birch' }, after(60))).outcome).toBe('unknown')
        expect(await store.grants.find(grant.id, after(60))).toMatchObject({ generation: 1 })
        expect(await place.events(grant.id)).toEqual([])
      })
    })

    describe('grants', () => {
      test('a live grant is found by id and by index', async () => {
        const grant = await newGrant()
        expect(await store.grants.find(grant.id, after(2))).toEqual(grant)
        expect(await store.grants.findByIndex(grant.index, after(2))).toEqual(grant)
        expect(await store.grants.findByIndex(grant.index, after(EIGHT_HOURS))).toBeUndefined()
        expect(await store.grants.findByIndex(grant.index + 1, after(2))).toBeUndefined()
      })

      test('its client revokes it once, another client never', async () => {
        const grant = await newGrant()
        expect(await store.grants.revoke(grant.id, 'birch', after(2))).toBe(false)
        const won = await fifty(() => store.grants.revoke(grant.id, 'alder', after(2)))
        expect(won.filter(Boolean)).toHaveLength(1)
        expect(await store.grants.find(grant.id, after(2))).toBeUndefined()
        expect(await place.events(grant.id)).toEqual(['grant.revoked'])
      })

      test('the status list gets the indices revoked since a time, within its range', async () => {
        const [early, late, alive] = [await newGrant(), await newGrant(), await newGrant()]
        await store.grants.revoke(early.id, 'alder', after(5000))
        await store.grants.revoke(late.id, 'alder', after(5060))
        const all = Number.MAX_SAFE_INTEGER
        expect((await store.grants.revokedSince(after(5000), early.index, all)).sort()).toEqual(
          [early.index, late.index].sort(),
        )
        expect(await store.grants.revokedSince(after(5001), 0, all)).toEqual([late.index])
        expect(await store.grants.revokedSince(after(5000), late.index, alive.index)).toEqual([late.index])
        expect(await store.grants.revokedSince(after(5000), 0, early.index)).toEqual([])
      })
    })

    describe('logout deliveries', () => {
      async function oweLogouts(count: number) {
        const session = await newSession()
        const clients = Array.from({ length: count }, (_, n) => `client-${n}`)
        await Promise.all(clients.map((clientId) => newGrant({ sessionId: session.id, clientId })))
        await store.sessions.end(session.id, new Set(clients), after(2))
        return session
      }
      const drain = () => store.logouts.claimDue(after(EIGHT_HOURS), after(1e9), 1e6)

      test('race: fifty claim ten that are due, each goes to one caller', async () => {
        await drain()
        const session = await oweLogouts(10)
        const claimed = (await fifty(() => store.logouts.claimDue(after(3), after(33), 3))).flat()
        expect(claimed).toHaveLength(10)
        expect(new Set(claimed.map(({ id }) => id)).size).toBe(10)
        expect(claimed[0]).toMatchObject({ sessionId: session.id, accountId, attempts: 0 })
        expect(await store.logouts.claimDue(after(32), after(60), 100)).toEqual([])
        expect(await store.logouts.claimDue(after(33), after(60), 100)).toHaveLength(10)
      })

      test('delivered, to be tried again, given up', async () => {
        await drain()
        const session = await oweLogouts(3)
        const [a, b, c] = await store.logouts.claimDue(after(3), after(33), 3)
        const failed = (retryAt: Date | null) => ({ outcome: 'failed', reason: 'HTTP 500', retryAt }) as const
        await store.logouts.record(a?.id ?? 0, { outcome: 'delivered' }, after(4))
        await store.logouts.record(a?.id ?? 0, failed(after(10)), after(5))
        await store.logouts.record(b?.id ?? 0, failed(after(10)), after(4))
        await store.logouts.record(c?.id ?? 0, failed(null), after(4))
        const due = await store.logouts.claimDue(after(100), after(200), 10)
        expect(due).toEqual([{ ...b, attempts: 1 }])
        expect((await store.logouts.ofSession(session.id)).map(({ delivered }) => delivered)).toEqual([
          true,
          false,
          false,
        ])
        const events = (await place.events(session.id)).filter((type) => type.startsWith('logout'))
        expect(events).toEqual(['logout.delivered', 'logout.failed', 'logout.failed'])
      })
    })

    describe('rate limits', () => {
      const hit = (key: string, seconds: number, window = 60) =>
        store.rateLimits.hit(key, after(seconds + window), after(seconds))

      test('each try is told its number and the end of its window, which the next does not move', async () => {
        expect(await hit('one', 0)).toEqual({ count: 1, endsAt: after(60) })
        expect(await hit('one', 30)).toEqual({ count: 2, endsAt: after(60) })
        expect(await hit('another', 30)).toEqual({ count: 1, endsAt: after(90) })
        expect(await hit('one', 60)).toEqual({ count: 1, endsAt: after(120) })
      })

      test('what is forgiven is taken back, and never below nothing', async () => {
        await hit('forgiven', 0)
        await hit('forgiven', 0)
        await store.rateLimits.forgive('forgiven')
        expect((await hit('forgiven', 1)).count).toBe(2)
        for (let n = 0; n < 5; n++) await store.rateLimits.forgive('forgiven')
        expect((await hit('forgiven', 1)).count).toBe(1)
        await store.rateLimits.forgive('nothing')
      })

      test('F-75: a clock that was ahead for a while resets no count, and leaves no window longer than it is', async () => {
        await hit('jump', 3_600)
        expect(await hit('jump', 0)).toEqual({ count: 2, endsAt: after(60) })
        expect((await hit('jump', -3_600)).count).toBe(3)
      })

      test('race F-72: of fifty tries at once, on two connections, each has a number of its own', async () => {
        const other = await place.open()
        const counts = await fifty(async (n) => {
          const { rateLimits } = n % 2 ? store : other
          return (await rateLimits.hit('race', after(60), T0)).count
        })
        expect(counts.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, n) => n + 1))
        await other.close()
      })
    })

    describe('signing keys', () => {
      test('a withdrawn key is gone from any state, with its event, and another takes its place in the same step', async () => {
        const [current, next] = [aKey({ algorithm: 'HS256', state: 'current' }), aKey({ algorithm: 'HS256' })]
        await store.keys.apply([current, next].map((key) => ({ change: 'add', key })))
        const changes = [
          { change: 'withdraw', keyId: current.id, at: after(1) },
          { change: 'promote', keyId: next.id, at: after(1) },
        ] as const
        const won = await fifty(() => store.keys.apply([...changes]))
        expect(won.filter(Boolean)).toHaveLength(1)
        expect(await place.events(current.id)).toEqual(['key.created', 'key.withdrawn'])
        const left = (await store.keys.all()).filter(({ algorithm }) => algorithm === 'HS256')
        expect(left.map(({ id, state }) => [id, state])).toEqual([[next.id, 'current']])
        expect(await store.keys.apply([{ change: 'withdraw', keyId: next.id, at: after(2) }])).toBe(true)
      })

      test('a key goes from next to current to retiring to nothing, with its events', async () => {
        const key = aKey({ algorithm: 'RS256' })
        const find = async () => (await store.keys.all()).find(({ id }) => id === key.id)
        expect(await store.keys.apply([{ change: 'add', key }])).toBe(true)
        expect(await find()).toEqual(key)
        const move = (change: 'promote' | 'retire' | 'drop', at: Date) =>
          store.keys.apply([{ change, keyId: key.id, at }])
        expect(await move('retire', after(1))).toBe(false)
        expect(await move('promote', after(2))).toBe(true)
        expect(await move('promote', after(3))).toBe(false)
        expect(await find()).toEqual({ ...key, state: 'current', since: after(2) })
        expect(await move('retire', after(4))).toBe(true)
        expect(await move('drop', after(5))).toBe(true)
        expect(await find()).toBeUndefined()
        expect(await place.events(key.id)).toEqual([
          'key.created',
          'key.promoted',
          'key.retired',
          'key.dropped',
        ])
      })

      test('all changes or none', async () => {
        const [first, second] = [aKey({ algorithm: 'Ed25519' }), aKey({ algorithm: 'Ed25519' })]
        expect(
          await store.keys.apply([
            { change: 'add', key: first },
            { change: 'add', key: second },
          ]),
        ).toBe(false)
        expect((await store.keys.all()).filter(({ algorithm }) => algorithm === 'Ed25519')).toEqual([])
        expect(await place.events(first.id)).toEqual([])
      })

      test('race: fifty rotate at once, there is one current and one next key', async () => {
        const won = await fifty(() => store.keys.apply([{ change: 'add', key: aKey({ state: 'current' }) }]))
        expect(won.filter(Boolean)).toHaveLength(1)
        await store.keys.apply([{ change: 'add', key: aKey() }])
        const keys = (await store.keys.all()).filter(({ algorithm }) => algorithm === 'ES256')
        const id = (state: string) => keys.find((key) => key.state === state)?.id ?? ''
        const rotated = await fifty(() =>
          store.keys.apply([
            { change: 'retire', keyId: id('current'), at: after(1) },
            { change: 'promote', keyId: id('next'), at: after(1) },
            { change: 'add', key: aKey({ since: after(1) }) },
          ]),
        )
        expect(rotated.filter(Boolean)).toHaveLength(1)
        const states = (await store.keys.all()).filter(({ algorithm }) => algorithm === 'ES256')
        expect(states.map(({ state }) => state).sort()).toEqual(['current', 'next', 'retiring'])
      })
    })

    test('a login that failed is written to the audit log', async () => {
      await store.audit.write({ type: 'login.failed', reason: 'wrong_password', clientId: 'audited' }, T0)
      expect(await place.events('audited')).toEqual(['login.failed'])
    })

    test('the sweep removes what has ended its life, and nothing earlier', async () => {
      await store.sweep(after(1e9))
      const grant = await newGrant()
      await newGrant({ sessionId: grant.sessionId })
      // A day after its end a code is still known as used.
      const day = 24 * 3600
      expect(await store.sweep(after(EIGHT_HOURS + day))).toBe(0)
      expect((await store.grants.redeem(aGrant(grant.sessionId, { id: grant.id }), after(1))).outcome).toBe(
        'used',
      )
      expect(await store.sweep(after(EIGHT_HOURS + day + 1))).toBe(3)
      expect((await store.grants.redeem(aGrant(grant.sessionId, { id: grant.id }), after(1))).outcome).toBe(
        'session_ended',
      )
      expect(await place.events(grant.sessionId)).toEqual(['login.succeeded'])
      expect(await store.sweep(after(91 * day))).toBeGreaterThan(0)
      expect(await place.events(grant.sessionId)).toEqual([])
    })

    test('SL-11: an index is never given again, also when the grants that had the last ones are gone', async () => {
      const { index } = await newGrant()
      await store.sweep(after(EIGHT_HOURS + 25 * 3600))
      expect(await store.grants.findByIndex(index, after(2))).toBeUndefined()
      const next = await newGrant()
      expect(next.index).toBeGreaterThan(index)
      await store.sweep(after(EIGHT_HOURS + 25 * 3600))
      const later = await place.open()
      await later.close()
      expect((await newGrant()).index).toBeGreaterThan(next.index)
    })

    // The store tells by its own clock what has expired, so these times are real ones.
    test('the sweep removes a used token when it has expired, and not earlier', async () => {
      const soon = Date.now() + 60_000
      await store.sweep(new Date(soon - 1))
      expect(await store.usedTokens.spend('swept', new Date(soon))).toBe(true)
      expect(await store.sweep(new Date(soon - 1))).toBe(0)
      expect(await store.usedTokens.spend('swept', new Date(soon))).toBe(false)
      expect(await store.sweep(new Date(soon))).toBe(1)
      expect(await store.usedTokens.spend('swept', new Date(soon))).toBe(true)
    })

    test('what one store did, another that is opened later knows', async () => {
      const grant = await newGrant()
      const soon = new Date(Date.now() + 60_000)
      expect(await store.usedTokens.spend('known', soon)).toBe(true)
      const later = await place.open()
      expect((await later.grants.redeem(aGrant(grant.sessionId, { id: grant.id }), after(2))).outcome).toBe(
        'used',
      )
      expect(await later.usedTokens.spend('known', soon)).toBe(false)
      await later.close()
      expect(await store.grants.find(grant.id, after(2))).toBeUndefined()
    })
  })
}
