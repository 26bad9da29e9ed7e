import { afterAll, expect, test } from 'vitest'
import { answerIn, authorizationRequest, ISSUER, openProvider } from '../testing/index.ts'

const provider = await openProvider()
afterAll(() => provider.close())

const last = () => JSON.parse(provider.log.at(-1) ?? '')

test('a fragment is no part of the query, in the log and at the endpoint', async () => {
  await provider.fetch(`${ISSUER}/authorize?client_id=alder#x`)
  expect(last()).toMatchObject({ clientId: 'alder', parameters: ['client_id'] })
  await provider.fetch(`${ISSUER}/authorize#?client_id=alder`)
  expect(last()).toMatchObject({ route: '/authorize', parameters: [] })
  const request = authorizationRequest(provider, 'alder', { state: undefined, prompt: 'none' })
  const response = await provider.fetch(`${ISSUER}/authorize?${request}&state=x#y`)
  expect(answerIn(response).get('state')).toBe('x')
})
