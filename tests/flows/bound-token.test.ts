import { ISSUER, secretOf } from '@grove/auth/testing'
import { createDpopKey } from '@grove/jwt/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openWorld, SITE_A, SITE_B, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

const key = await createDpopKey()

/** A token of the provider for both sites, bound to the key. */
async function boundToken(): Promise<string> {
  const { provider } = world
  const [url, now] = [`${ISSUER}/token`, provider.auth.now()]
  const response = await provider.fetch(url, {
    method: 'POST',
    headers: {
      authorization: `Basic ${btoa(`larch:${encodeURIComponent(secretOf('larch'))}`)}`,
      dpop: await key.prove({ method: 'POST', url, now, nonce: provider.auth.dpopNonces.make(now) }),
    },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  })
  return (await response.json()).access_token
}

const proofFor = (site: string, accessToken: string) =>
  key.prove({ method: 'GET', url: `${site}/api/me`, now: world.provider.auth.now(), accessToken })
const ask = (site: string, headers: Record<string, string>) => world.fetch(`${site}/api/me`, { headers })

test('PO-2 AT-13 a token that is bound to a key opens both sites with a proof for each', async () => {
  const token = await boundToken()
  for (const site of [SITE_A, SITE_B]) {
    const response = await ask(site, { authorization: `DPoP ${token}`, dpop: await proofFor(site, token) })
    expect(await response.json()).toEqual({ sub: 'larch' })
  }
})

test('DP-5 DP-11 PO-3 it opens nothing as Bearer, without a proof, or with the proof for the other site', async () => {
  const token = await boundToken()
  const dpop = await proofFor(SITE_B, token)
  const attempts: Record<string, string>[] = [
    { authorization: `Bearer ${token}` },
    { authorization: `Bearer ${token}`, dpop: await proofFor(SITE_A, token) },
    { authorization: `DPoP ${token}` },
    { authorization: `DPoP ${token}`, dpop },
  ]
  for (const headers of attempts) expect((await ask(SITE_A, headers)).status).toBe(401)
  expect((await ask(SITE_B, { authorization: `DPoP ${token}`, dpop })).status).toBe(200)
})
