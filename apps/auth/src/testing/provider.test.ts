import { expect, test } from 'vitest'
import { openProvider } from './provider.ts'

test('each provider begins with the keys of one database, in a file of its own', async () => {
  const [one, other] = await Promise.all([openProvider(), openProvider()])
  expect(one.auth.keyring.publicJwks().keys.length).toBeGreaterThan(0)
  expect(other.auth.keyring.publicJwks()).toEqual(one.auth.keyring.publicJwks())

  const alone = { id: 'acc_carol', email: 'carol@example.com', claims: {}, passwordHash: 'none' }
  expect(await one.auth.store.accounts.addMissing([alone])).toBe(1)
  expect(await other.auth.store.accounts.existing(['acc_alice', alone.id])).toEqual(new Set(['acc_alice']))
  await Promise.all([one.close(), other.close()])
})
