import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openProvider, PASSWORDS, type Provider } from '../testing/index.ts'
import type { AccountWithPassword } from './accounts.ts'
import { logIn, proveAccount, sessionOf } from './logins.ts'
import { changePassword } from './password-change.ts'
import type { Session } from './sessions.ts'

const WANTED = 'cats grin at queens 1865'

let provider: Provider
beforeEach(async () => {
  provider = await openProvider()
})
afterEach(() => provider.close())

const now = () => provider.auth.now()
async function prove(password: string = PASSWORDS.alice): Promise<AccountWithPassword> {
  const proof = { email: 'alice@example.com', password, clientId: 'alder', now: now() }
  const account = await proveAccount(provider.auth.store, proof)
  if (!account) throw new Error('that is not the password')
  return account
}
const start = (account: AccountWithPassword, present?: Session) =>
  logIn(provider.auth.store, { account, clientId: 'alder', device: null, present, now: now() })
const sessionIn = (cookie: string | undefined) => sessionOf(provider.auth.store, cookie, now())
async function change(session: Session): Promise<string> {
  const { store, clients } = provider.auth
  const result = await changePassword(store, clients, { session, wanted: WANTED, prove, now: now() })
  if (result.outcome !== 'changed') throw new Error(result.problem)
  return result.cookie
}

describe('7.4.3 a password that changes after a login has proved it, and before its session starts', () => {
  test('no session starts', async () => {
    const { session } = (await start(await prove())) ?? {}
    if (!session) throw new Error('the first login')
    const account = await prove()
    await change(session)
    const late = await start(account)
    expect(await sessionIn(late?.cookie)).toBeUndefined()
    const devices = await provider.auth.store.sessions.ofAccount(account.id, now())
    expect(devices.map(({ sessionId }) => sessionId)).toEqual([session.id])
  })

  test('the session that is kept is not taken over either', async () => {
    const { session } = (await start(await prove())) ?? {}
    if (!session) throw new Error('the first login')
    const account = await prove()
    const cookie = await change(session)
    const late = await start(account, session)
    expect(await sessionIn(late?.cookie)).toBeUndefined()
    expect(await sessionIn(cookie)).toMatchObject({ id: session.id })
  })

  test('the new password starts one', async () => {
    const { session } = (await start(await prove())) ?? {}
    if (!session) throw new Error('the first login')
    await change(session)
    const login = await start(await prove(WANTED))
    expect(await sessionIn(login?.cookie)).toMatchObject({ id: login?.session.id })
  })
})
