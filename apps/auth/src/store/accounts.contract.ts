import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { after, aGrant, anAccount, aSession, fifty, present, type Subject, T0 } from './store.fixture.ts'

export function accountsContract({ store, place, newAccount, newSession, newGrant }: Subject): void {
  describe('accounts', () => {
    test('an account comes back as it was added', async () => {
      const account = await newAccount()
      expect(await store.accounts.findByEmail(account.email)).toEqual(account)
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
      expect(await store.accounts.findByEmail(account.email)).toEqual(account)
      expect(await store.accounts.findByEmail('new@example.com')).toBeUndefined()
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
      expect(await store.sessions.find(session.id, after(1))).toBeUndefined()
      expect(await store.sessions.renew(session.id, aSession(account.id), after(1))).toBe(false)
      expect(await store.sessions.start(aSession(account.id))).toBe(false)
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

  describe('new claims', () => {
    test('what is named is changed, what is null goes, the rest stays', async () => {
      const { id, email, claims } = await newAccount()
      const change = { name: 'Alice Hargreaves', email_verified: null, roles: ['editor'] }
      expect(await store.accounts.changeClaims(email, change, T0)).toBe(0)
      const { email_verified: _, ...others } = claims
      expect((await store.accounts.findByEmail(email))?.claims).toEqual({
        ...others,
        name: 'Alice Hargreaves',
        roles: ['editor'],
      })
      expect((await store.audit.ofAccount(id, 9)).map(({ type }) => type)).toEqual(['claims.changed'])
    })

    test('each live grant moves to a place of its own, and the old one is marked', async () => {
      const { id, email } = await newAccount()
      const session = await newSession({ accountId: id })
      const [one, other] = [
        await newGrant({ sessionId: session.id }),
        await newGrant({ sessionId: session.id, clientId: 'birch' }),
      ]
      const stranger = await newGrant()
      const revoked = await newGrant({ sessionId: session.id })
      await store.grants.revoke(revoked.id, 'alder', after(2))
      expect(await store.accounts.changeClaims(email, { name: 'Al' }, after(3))).toBe(2)

      for (const grant of [one, other]) {
        const moved = await store.grants.find(grant.id, after(4))
        expect(moved).toEqual({
          ...grant,
          index: expect.any(Number),
          account: { ...grant.account, claims: { ...grant.account.claims, name: 'Al' } },
        })
        expect(moved?.index).not.toBe(grant.index)
        expect(await store.grants.findByIndex(moved?.index ?? 0, after(4))).toEqual(moved)
        expect(await store.grants.findByIndex(grant.index, after(4))).toBeUndefined()
        expect(await place.events(`${grant.id}~${grant.index}`)).toEqual(['grant.reissued'])
        expect(await place.events(grant.id)).toEqual([])
      }
      const marked = await store.grants.revokedSince(after(3), 0, Number.MAX_SAFE_INTEGER)
      expect(marked).toEqual(expect.arrayContaining([one.index, other.index]))
      expect(marked).not.toContain(stranger.index)
      expect(await store.grants.find(stranger.id, after(4))).toEqual(stranger)
    })

    test('what stays behind at the old place can be neither rotated nor revoked, and a logout is owed once', async () => {
      const { id, email } = await newAccount()
      const session = await newSession({ accountId: id })
      const grant = await newGrant({ sessionId: session.id })
      await store.accounts.changeClaims(email, { name: 'Al' }, after(2))
      const left = `${grant.id}~${grant.index}`
      const presented = { grantId: left, generation: 0, clientId: 'alder' }
      expect((await store.grants.rotate(presented, after(3), 10)).outcome).toBe('unknown')
      expect(await store.grants.revoke(left, 'alder', after(3))).toBe(false)
      expect((await store.grants.rotate(present(grant, 0), after(3), 10)).outcome).toBe('rotated')
      expect(await store.sessions.end(session.id, new Set(['alder']), after(4))).toHaveLength(1)
      expect((await store.grants.rotate(present(grant, 1), after(5), 10)).outcome).toBe('unknown')
    })

    test('race: of fifty changes at once none is lost', async () => {
      const { id, email } = await newAccount()
      await newGrant({ sessionId: (await newSession({ accountId: id })).id })
      await fifty((n) => store.accounts.changeClaims(email, { address: { [`line${n}`]: `${n}` } }, after(2)))
      const { address = {} } = (await store.accounts.findByEmail(email))?.claims ?? {}
      expect(Object.keys(address)).toHaveLength(51)
    })

    test('nobody, and a disabled account, is not changed', async () => {
      const { id, email, claims } = await newAccount()
      await place.disableAccount(id)
      expect(await store.accounts.changeClaims(email, { name: 'Al' }, T0)).toBeUndefined()
      expect(await store.accounts.changeClaims('nobody@example.com', { name: 'Al' }, T0)).toBeUndefined()
      expect(await store.audit.ofAccount(id, 9)).toEqual([])
      expect(claims.name).toBe('Alice')
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
      const [own, theirs] = [await newGrant({ sessionId: kept.id }), await newGrant({ sessionId: other.id })]
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

    test("an operator's ends every session as a logout does, and what was begun with the old one starts none", async () => {
      const account = await newAccount()
      const session = await newSession({ accountId: account.id })
      const grant = await newGrant({ sessionId: session.id })
      const set = (email: string) =>
        store.accounts.setPassword(email, '$argon2id$new', new Set(['alder']), after(60))
      expect(await set('nobody@example.com')).toBeUndefined()
      expect(await set(account.email)).toBe(1)
      expect(await store.accounts.findByEmail(account.email)).toMatchObject({ passwordHash: '$argon2id$new' })
      expect(await store.sessions.find(session.id, after(61))).toBeUndefined()
      expect(await store.grants.find(grant.id, after(61))).toBeUndefined()
      expect(await store.logouts.ofSession(session.id)).toEqual([{ clientId: 'alder', delivered: false }])
      expect(await store.sessions.start(aSession(account.id))).toBe(false)
      const types = (await store.audit.ofAccount(account.id, 2)).map(({ type }) => type)
      expect(types).toEqual(['password.set', 'session.ended'])
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

    test('7.4.3 a login that the old one proved starts no session, and takes none over', async () => {
      const account = await newAccount()
      const kept = await newSession({ accountId: account.id })
      await change(account, kept.id)
      const late = aSession(account.id)
      expect(await store.sessions.start(late)).toBe(false)
      expect(await store.sessions.renew(kept.id, late, after(61))).toBe(false)
      expect(await store.sessions.find(late.id, after(61))).toBeUndefined()
      expect(await store.sessions.find(kept.id, after(61))).toMatchObject({ secretHash: 'new' })
      expect(await place.events(late.id)).toEqual([])
      const proved = { ...late, passwordHash: '$argon2id$new' }
      expect(await store.sessions.renew(kept.id, proved, after(61))).toBe(true)
      expect(await store.sessions.start(proved)).toBe(true)
    })

    test('race 7.4.3: of fifty logins by the old one around its change none outlives it', async () => {
      const account = await newAccount()
      const kept = await newSession({ accountId: account.id })
      const other = await place.open()
      const logins = fifty((n) => (n % 2 ? store : other).sessions.start(aSession(account.id)))
      const changed = change(account, kept.id)
      const later = fifty((n) => (n % 2 ? store : other).sessions.start(aSession(account.id)))
      expect(await changed).toBe(true)
      await Promise.all([logins, later])
      const left = await store.sessions.ofAccount(account.id, after(61))
      expect(left.map(({ sessionId }) => sessionId)).toEqual([kept.id])
      await other.close()
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
}
