import { ActionToken, createVerifier, issue, secretKeys, verifyOnce } from '@grove/jwt'
import { replayStoreContract } from '@grove/jwt/testing'
import { expect, test } from 'vitest'
import { openDatabase } from './database.ts'
import { onEachDatabase } from './databases.fixture.ts'
import { openStore } from './index.ts'
import { usedTokens } from './used-tokens.ts'

await onEachDatabase((name, url) => {
  replayStoreContract(`in ${name}`, async (now) => {
    const db = await openDatabase(url)
    await db.prisma.usedToken.deleteMany()
    return { store: usedTokens(db.query, now), close: () => db.prisma.$disconnect() }
  })

  test(`in ${name}: of names that a database may not keep none stands for another`, async () => {
    const store = await openStore(url)
    const jtis = ['a\0b', 'a\ufffdb', 'a\ud800b', 'a\udbffb', 'ab', 'utf16:YQAAAGIA']
    for (const jti of jtis)
      expect(await store.usedTokens.spend(jti, new Date(Date.now() + 60_000))).toBe(true)
    for (const jti of jtis)
      expect(await store.usedTokens.spend(jti, new Date(Date.now() + 60_000))).toBe(false)
    await store.close()
  })

  test(`F-66 in ${name}: who uses more than his share is refused, and nobody else`, async () => {
    let time = Date.now()
    const db = await openDatabase(url)
    const store = usedTokens(db.query, () => new Date(time))
    const [greedy, modest] = [store.shareOf('greedy', 3), store.shareOf('modest', 3)]
    const soon = new Date(time + 30_000)
    for (const jti of ['a', 'b', 'c']) expect(await greedy.spend(jti, soon)).toBe(true)
    for (const jti of ['a', 'd', 'e']) expect(await greedy.spend(jti, soon)).toBe(false)
    expect(await modest.spend('a', soon)).toBe(true)
    expect(await modest.spend('a', soon)).toBe(false)
    expect(await store.spend('d', soon)).toBe(true)
    time += 31_000 // what he used is worth nothing by now
    expect(await greedy.spend('f', new Date(time + 30_000))).toBe(true)
    await db.prisma.$disconnect()
  })

  test(`F-37 in ${name}: a token that fifty callers bring at once, through two stores on one database, is used once`, async () => {
    const stores = [await openStore(url), await openStore(url)]
    const keys = await secretKeys(['a secret for tests that is long enough'], 'form-token')
    const issuer = 'http://auth.localhost:4000'
    const verifier = createVerifier({
      issuer,
      audience: issuer,
      algorithms: ['HS256'],
      keys,
      status: 'unchecked',
    })
    const claims = { iss: issuer, aud: issuer, jti: 'form-1', act: 'login' }
    const text = await issue(ActionToken, claims, { key: keys.current, lifetimeSeconds: 60, now: new Date() })

    const uses = await Promise.allSettled(
      Array.from({ length: 25 }, () =>
        stores.map(({ usedTokens: used }) => verifyOnce(verifier, ActionToken, text, used)),
      ).flat(),
    )
    expect(uses.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const reasons = uses.flatMap((use) => (use.status === 'rejected' ? [use.reason.code] : []))
    expect(reasons).toEqual(Array.from({ length: 49 }, () => 'used'))

    for (const store of stores) await store.close()
  })
})
