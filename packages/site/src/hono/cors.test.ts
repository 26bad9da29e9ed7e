import { Hono } from 'hono'
import { describe, expect, test } from 'vitest'
import { type Api, about, call, corsContract, FOR_ANSWER, listed, PAGE } from '../cors.contract.ts'
import { createWorld, ISSUER, SITE_URL } from '../testing/fixtures.ts'
import { createHonoApi, createHonoSite, type HonoApi } from './index.ts'

function apiOf({ cors, requireBearer }: HonoApi): Api {
  const app = new Hono()
    .use('/api/*', cors)
    .get('/api/notes', requireBearer({ scope: 'notes' }), (c) => c.json(c.get('bearer').user))
    .get('/api/broken', () => {
      throw new Error('broken')
    })
    .onError((_, c) => c.text('broken', 500))
  return async (request) => await app.request(request)
}

describe('a site', () => corsContract(({ options }) => apiOf(createHonoSite(options))))

describe('an API without login', () => {
  corsContract(({ options }) => {
    const { siteUrl, issuer, allowedOrigins = [], fetch = globalThis.fetch, now = () => new Date() } = options
    return apiOf(createHonoApi({ siteUrl, issuer, allowedOrigins, fetch, now }))
  })
})

test('a fault of an API can be read there too', async () => {
  const api = apiOf(createHonoSite((await listed()).options))
  const response = await api(call({ origin: PAGE }, 'GET', '/api/broken'))
  expect([response.status, about(response)]).toEqual([500, FOR_ANSWER])
})

test('an API without login needs no client, and refuses a token that is meant for another', async () => {
  const { issuer, options } = await createWorld()
  const siteUrl = 'http://api.localhost:4004'
  const api = apiOf(createHonoApi({ siteUrl, issuer: ISSUER, fetch: issuer.fetch }))
  const ask = async (aud: string[]) =>
    await api(call({ authorization: `Bearer ${await issuer.accessToken(options, { aud })}` }))
  expect((await ask([siteUrl])).status).toBe(200)
  expect((await ask([SITE_URL])).status).toBe(401)
})
