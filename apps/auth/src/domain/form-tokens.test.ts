import { expect, test } from 'vitest'
import { ISSUER, SECRETS } from '../testing/index.ts'
import { createFormTokens } from './form-tokens.ts'
import { StoreBusyError } from './store.ts'

const NOW = new Date('2026-11-23T09:00:00.000Z')

test('a store that fails is no bad token: whoever waits for an answer hears that, and may send it again', async () => {
  let isBusy = true
  const spend = async () => {
    if (isBusy) throw new StoreBusyError('locked')
    return true
  }
  const options = { issuer: ISSUER, secrets: SECRETS, used: { spend }, now: () => NOW }
  const formTokens = await createFormTokens(options)
  const token = await formTokens.issue('login', 'a browser', NOW)
  await expect(formTokens.spend(token)).rejects.toThrow(StoreBusyError)
  isBusy = false
  expect(await formTokens.spend(token)).toBe(true)
})
