import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openSqlite } from '../store/sqlite.ts'
import {
  Browser,
  CLIENTS,
  codeIn,
  errorOf,
  openProvider,
  type Provider,
  redeem,
  refresh,
  secretOf,
  userinfo,
  VERIFIER,
} from '../testing/index.ts'

let provider: Provider
let alice: Browser
beforeEach(async () => {
  provider = await openProvider()
  alice = new Browser(provider)
})
afterEach(() => provider.close())

/** By hand: nothing of the provider does this yet. */
async function disableAlice(): Promise<void> {
  const { prisma } = await openSqlite(provider.databaseUrl)
  await prisma.account.update({ where: { id: 'acc_alice' }, data: { disabledAt: provider.auth.now() } })
  await prisma.$disconnect()
}

describe('a person who is disabled', () => {
  test('TK-12 after the login: the code is worth nothing, and so is the cookie', async () => {
    const code = codeIn(await alice.login('alder'))
    await disableAlice()
    expect(await errorOf(await redeem(provider, 'alder', code))).toBe('400 invalid_grant')
    const silent = await alice.authorize('alder', { prompt: 'none' })
    expect(silent.headers.get('location')).toContain('error=login_required')
    expect((await new Browser(provider).login('alder')).status).toBe(422)
  })

  test('RT-8 the refresh token fails at once, in its grace too, and userinfo is shut', async () => {
    const first = await alice.tokens('alder')
    const second = await (await refresh(provider, 'alder', first.refresh_token)).json()
    await disableAlice()
    for (const { refresh_token, access_token } of [first, second]) {
      expect(await errorOf(await refresh(provider, 'alder', refresh_token))).toBe('400 invalid_grant')
      expect((await userinfo(provider, access_token)).status).toBe(401)
    }
  })
})

describe('a client that is not registered any more', () => {
  const left = CLIENTS.filter(({ id }) => id !== 'alder')

  test('TK-12 RT-8 gets nothing for its codes and refresh tokens, and neither does another with them', async () => {
    const { refresh_token } = await alice.tokens('alder')
    const code = codeIn(await alice.authorize('alder'))
    const restarted = await provider.another({ clients: left })
    // It asks as it used to: `askAs` looks up how, and finds nobody.
    const asIt = (fields: Record<string, string>) =>
      restarted.fetch(`${restarted.issuer}/token`, {
        method: 'POST',
        headers: { authorization: `Basic ${btoa(`alder:${encodeURIComponent(secretOf('alder'))}`)}` },
        body: new URLSearchParams(fields),
      })
    const redemption = { grant_type: 'authorization_code', code, code_verifier: VERIFIER }
    expect(await errorOf(await asIt(redemption))).toBe('401 invalid_client')
    expect(await errorOf(await asIt({ grant_type: 'refresh_token', refresh_token }))).toBe(
      '401 invalid_client',
    )
    expect(await errorOf(await redeem(restarted, 'birch', code))).toBe('400 invalid_grant')
    expect(await errorOf(await refresh(restarted, 'birch', refresh_token))).toBe('400 invalid_grant')
    // It was not lost: registered again, it goes on.
    expect((await redeem(provider, 'alder', code)).status).toBe(200)
  })
})
