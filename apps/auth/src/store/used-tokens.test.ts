import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ActionToken, createVerifier, issue, secretKeys, verifyOnce } from '@grove/jwt'
import { replayStoreContract } from '@grove/jwt/testing'
import { expect, test } from 'vitest'
import { openStore } from './index.ts'
import { openSqlite } from './sqlite.ts'
import { usedTokens } from './used-tokens.ts'

async function openPlace() {
  const folder = await mkdtemp(join(tmpdir(), 'used-tokens-'))
  return { url: `file:${join(folder, 'auth.db')}`, remove: () => rm(folder, { recursive: true }) }
}

replayStoreContract('in SQLite', async (now) => {
  const { url, remove } = await openPlace()
  const db = await openSqlite(url)
  return {
    store: usedTokens(db.query, now),
    async close() {
      await db.prisma.$disconnect()
      await remove()
    },
  }
})

test('F-37 a token that fifty callers bring at once, through two stores on one database, is used once', async () => {
  const { url, remove } = await openPlace()
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
  await remove()
})
