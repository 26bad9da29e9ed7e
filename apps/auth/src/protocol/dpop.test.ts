import { AccessToken } from '@grove/jwt'
import { createDpopKey, type DpopKey } from '@grove/jwt/testing'
import { afterAll, describe, expect, test } from 'vitest'
import { BAD_PROOFS } from '../testing/bad-proofs.ts'
import {
  codeIn,
  errorOf,
  ISSUER,
  redeem,
  refresh,
  SITE_A,
  secretOf,
  tokensIn,
  VERIFIER,
} from '../testing/index.ts'
import { ASSERTION_TYPE, type AskOptions, KeyedClient, openWithKeys } from '../testing/keyed-client.ts'

const { provider, juniper, alice } = await openWithKeys()
afterAll(() => provider.close())

const thumbprintIn = async (token: string) =>
  (await provider.read(AccessToken, token, ISSUER)).claims.cnf?.jkt
const now = () => Math.floor(provider.auth.now().getTime() / 1000)

/** Sends a header of its own making. */
async function tokenWith(dpop: string | string[]): Promise<Response> {
  const headers = new Headers([dpop].flat().map((value) => ['dpop', value]))
  const body = new URLSearchParams({
    grant_type: 'refresh_token',
    refresh_token: 'x',
    client_assertion: await juniper.assertion(),
    client_assertion_type: ASSERTION_TYPE,
  })
  return await provider.fetch(`${ISSUER}/token`, { method: 'POST', headers, body })
}

describe('PO-1 at the token endpoint', () => {
  test.each(BAD_PROOFS)('a proof %s: 400 invalid_dpop_proof, and the code is not spent', async (_, proof) => {
    const code = await juniper.code(alice)
    const refused = await juniper.redeem(code, {}, { proof })
    expect(refused.headers.get('cache-control')).toBe('no-store')
    expect(await errorOf(refused)).toBe('400 invalid_dpop_proof')
    expect((await juniper.redeem(code)).status).toBe(200)
  })

  test('DP-1 no proof, no JWS, an empty header, two headers: 400 invalid_dpop_proof', async () => {
    const request = { method: 'POST', url: `${ISSUER}/token`, now: provider.auth.now() }
    const [one, two] = [await juniper.key.prove(request), await juniper.key.prove(request)]
    for (const dpop of [[], '', 'x', `${one}, ${two}`, [one, two], 'x'.repeat(9_000)])
      expect(await errorOf(await tokenWith(dpop))).toBe('400 invalid_dpop_proof')
  })

  test('FA-22 PO-8 a client that is bound gets no token without a proof, by no grant', async () => {
    const without = { key: null }
    const code = await juniper.code(alice)
    expect(await errorOf(await juniper.redeem(code, {}, without))).toBe('400 invalid_dpop_proof')
    const { refresh_token } = await tokensIn(await juniper.redeem(code))
    expect(await errorOf(await juniper.refresh(refresh_token, {}, without))).toBe('400 invalid_dpop_proof')
    expect((await juniper.refresh(refresh_token)).status).toBe(200)
  })

  test('PO-2 the answer says DPoP, and the token names the key; so does introspection', async () => {
    const tokens = await juniper.tokens(alice)
    expect(tokens).toMatchObject({ token_type: 'DPoP', expires_in: 300 })
    expect(await thumbprintIn(tokens.access_token)).toBe(juniper.key.jkt)
    const said = await (await juniper.post('/introspect', { token: tokens.access_token })).json()
    expect(said).toMatchObject({ active: true, token_type: 'DPoP', cnf: { jkt: juniper.key.jkt } })
  })

  test('FA-11 DP-10 what is odd and harmless in a proof is taken', async () => {
    for (const claims of [
      { iat: now() - 10 },
      { iat: now() + 10 },
      { htu: `HTTP://AUTH.localhost:4000/token?a=b#c` },
      { nbf: now(), exp: now() + 60, foo: { bar: [] } },
    ]) {
      const code = await juniper.code(alice, {}, { proof: { claims: { iat: now() } } })
      expect((await juniper.redeem(code, {}, { proof: { claims } })).status).toBe(200)
    }
  })

  test.each([-10, 10])(
    'FA-12 a clock %i s apart is tolerated at PAR, here and at userinfo',
    async (seconds) => {
      const proof = { claims: { iat: now() + seconds } }
      const code = await juniper.code(alice, {}, { proof })
      const response = await juniper.redeem(code, {}, { proof })
      expect(response.status).toBe(200)
      const { access_token } = await tokensIn(response)
      expect((await juniper.userinfo(access_token, { proof })).status).toBe(200)
    },
  )

  test('PO-8 a client that is not bound may bring a proof, and then gets a bound token', async () => {
    const key = await createDpopKey()
    const elm = new KeyedClient(provider, 'elm', { signer: juniper.signer, key })
    const bearer = await tokensIn(await redeem(provider, 'elm', codeIn(await alice.authorize('elm'))))
    expect(bearer).toMatchObject({ token_type: 'Bearer' })
    const bound = await tokensIn(await asPublic(elm, codeIn(await alice.authorize('elm'))))
    expect([bound, await thumbprintIn(bound.access_token)]).toMatchObject([{ token_type: 'DPoP' }, key.jkt])
  })

  test('of client credentials the token is bound too', async () => {
    const proof = await nonced(juniper.key)
    const basic = btoa(`larch:${encodeURIComponent(secretOf('larch'))}`)
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      resource: SITE_A,
    })
    const headers = { dpop: proof, authorization: `Basic ${basic}` }
    const tokens = await (await provider.fetch(`${ISSUER}/token`, { method: 'POST', headers, body })).json()
    expect(tokens.token_type).toBe('DPoP')
    const { claims } = await provider.read(AccessToken, tokens.access_token, SITE_A)
    expect(claims.cnf?.jkt).toBe(juniper.key.jkt)
  })
})

/** A proof for the token endpoint that repeats a fresh nonce. */
async function nonced(key: DpopKey, change?: AskOptions['proof']): Promise<string> {
  const nonce = provider.auth.dpopNonces.make(provider.auth.now())
  return await key.prove({ method: 'POST', url: `${ISSUER}/token`, now: provider.auth.now(), nonce }, change)
}

/** Redeems as a public client does, with its proof. */
async function asPublic({ id, key }: KeyedClient, code: string): Promise<Response> {
  const redirect_uri = provider.auth.clients.find(id)?.redirectUris[0] ?? ''
  const fields = {
    client_id: id,
    grant_type: 'authorization_code',
    code,
    redirect_uri,
    code_verifier: VERIFIER,
  }
  const headers = { dpop: await nonced(key) }
  return await provider.fetch(`${ISSUER}/token`, {
    method: 'POST',
    headers,
    body: new URLSearchParams(fields),
  })
}

describe('PO-5 the nonce', () => {
  const proofWith = async (nonce?: string) => {
    const request = { method: 'POST', url: `${ISSUER}/token`, now: provider.auth.now(), nonce }
    return await tokenWith(await juniper.key.prove(request))
  }
  const fresh = async () => (await proofWith()).headers.get('dpop-nonce') ?? ''

  test('is asked for with 400 use_dpop_nonce and DPoP-Nonce; with it the request goes through', async () => {
    const response = await proofWith()
    const nonce = response.headers.get('dpop-nonce') ?? ''
    expect(nonce).toMatch(/^[\w-]{43}$/)
    expect(await errorOf(response)).toBe('400 use_dpop_nonce')
    expect(await errorOf(await proofWith(nonce))).toBe('400 invalid_grant') // the refresh token is made up
  })

  test('is good for a minute at least and two at most; then another is given', async () => {
    const nonce = await fresh()
    provider.pass(60)
    expect(await errorOf(await proofWith(nonce))).toBe('400 invalid_grant')
    provider.pass(60)
    const late = await proofWith(nonce)
    expect(late.headers.get('dpop-nonce')).not.toBe(nonce)
    expect(await errorOf(late)).toBe('400 use_dpop_nonce')
  })

  test.each(['x', 'x'.repeat(43), ''])('that is made up (%j) is refused', async (nonce) => {
    const response = await tokenWith(await nonced(juniper.key, { claims: { nonce: nonce || undefined } }))
    expect(await errorOf(response)).toBe('400 use_dpop_nonce')
  })

  test('of another process, and of a secret that is being replaced, is as good', async () => {
    const newer = await provider.another({
      secrets: ['a newer secret for tests, long enough', 'a secret for tests that is long enough'],
    })
    const older = await fresh()
    expect(newer.auth.dpopNonces.isFresh(older, provider.auth.now())).toBe(true)
    expect(
      provider.auth.dpopNonces.isFresh(newer.auth.dpopNonces.make(provider.auth.now()), provider.auth.now()),
    ).toBe(false)
  })

  test('is asked for at PAR and userinfo as well', async () => {
    const key = await createDpopKey()
    const stranger = new KeyedClient(provider, 'juniper', { signer: juniper.signer, key })
    const { access_token } = await stranger.tokens(alice)
    const ask = async (path: string, method: string) =>
      await provider.fetch(ISSUER + path, {
        method,
        headers: {
          dpop: await key.prove({
            method,
            url: ISSUER + path,
            now: provider.auth.now(),
            accessToken: access_token,
          }),
          authorization: path === '/userinfo' ? `DPoP ${access_token}` : '',
        },
      })
    const response = await ask('/userinfo', 'GET')
    expect(response.headers.get('dpop-nonce')).toMatch(/^[\w-]{43}$/)
    expect(response.headers.get('www-authenticate')).toMatch(
      /^DPoP .*error="use_dpop_nonce".*algs="ES256 Ed25519"/,
    )
    expect(await errorOf(response)).toBe('401 use_dpop_nonce')
    const bare = await stranger.push({}, { proof: { claims: { nonce: undefined } } })
    expect(await errorOf(bare)).toBe('400 use_dpop_nonce')
  })
})

describe('PO-4 DP-8 a proof works once', () => {
  test('of fifty requests with it one goes through, over two processes', async () => {
    const dpop = await nonced(juniper.key)
    const another = await provider.another()
    another.answerFetch = provider.answerFetch
    const ask = async (n: number) => {
      const { fetch } = n % 2 ? provider : another
      const fields = {
        grant_type: 'refresh_token',
        refresh_token: 'x',
        client_assertion_type: ASSERTION_TYPE,
      }
      const body = new URLSearchParams({ ...fields, client_assertion: await juniper.assertion() })
      return await errorOf(await fetch(`${ISSUER}/token`, { method: 'POST', headers: { dpop }, body }))
    }
    const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => ask(n)))
    expect(answers.toSorted()).toEqual([...Array(49).fill('400 invalid_dpop_proof'), '400 invalid_grant'])
  })

  test('the jti of another key is another', async () => {
    const same = { claims: { jti: 'the same' } }
    for (const key of [await createDpopKey(), await createDpopKey()])
      expect(await errorOf(await tokenWith(await nonced(key, same)))).toBe('400 invalid_grant')
  })
})

describe('PO-7 FA-34 a refresh token', () => {
  const elm = async () =>
    new KeyedClient(provider, 'elm', { signer: juniper.signer, key: await createDpopKey() })
  const refreshWith = async (refresh_token: string, key: DpopKey) => {
    const body = new URLSearchParams({ client_id: 'elm', grant_type: 'refresh_token', refresh_token })
    return await provider.fetch(`${ISSUER}/token`, {
      method: 'POST',
      headers: { dpop: await nonced(key) },
      body,
    })
  }

  test('RT-1 of a public client is bound to its key: without it, nothing, and the owner keeps it', async () => {
    const client = await elm()
    const first = await tokensIn(await asPublic(client, codeIn(await alice.authorize('elm'))))
    expect(await errorOf(await refresh(provider, 'elm', first.refresh_token))).toBe('400 invalid_grant')
    expect(await errorOf(await refreshWith(first.refresh_token, await createDpopKey()))).toBe(
      '400 invalid_grant',
    )
    const second = await tokensIn(await refreshWith(first.refresh_token, client.key))
    expect([second, await thumbprintIn(second.access_token)]).toMatchObject([
      { token_type: 'DPoP' },
      client.key.jkt,
    ])
    expect((await refreshWith(second.refresh_token, client.key)).status).toBe(200)
  })

  test('of a client that proves itself may change keys; each token names the key of its request', async () => {
    const first = await juniper.tokens(alice)
    const key = await createDpopKey()
    const second = await tokensIn(await juniper.refresh(first.refresh_token, {}, { key }))
    expect(await thumbprintIn(second.access_token)).toBe(key.jkt)
    const used = await juniper.refresh(second.refresh_token, {}, { proof: { claims: { jti: undefined } } })
    expect(await errorOf(used)).toBe('400 invalid_dpop_proof')
    expect((await juniper.refresh(second.refresh_token)).status).toBe(200)
  })

  test('with another client: invalid_grant, and it lives on', async () => {
    const { refresh_token } = await juniper.tokens(alice)
    expect(await errorOf(await refresh(provider, 'alder', refresh_token))).toBe('400 invalid_grant')
    expect((await juniper.refresh(refresh_token)).status).toBe(200)
  })
})

describe('a code of a client with keys', () => {
  test('FA-23 TK-3 with another client: invalid_grant, and it is not spent', async () => {
    const code = await juniper.code(alice)
    const redirect_uri = 'https://juniper.example/sso/callback'
    for (const clientId of ['alder', 'elm'])
      expect(await errorOf(await redeem(provider, clientId, code, { redirect_uri }))).toBe(
        '400 invalid_grant',
      )
    expect((await juniper.redeem(code)).status).toBe(200)
  })

  test('FA-42 without its verifier, or with a wrong one: invalid_grant', async () => {
    for (const code_verifier of [undefined, 'x'.repeat(43)])
      expect(await errorOf(await juniper.redeem(await juniper.code(alice), { code_verifier }))).toBe(
        '400 invalid_grant',
      )
  })

  test('FA-27 FA-21 without its assertion, or beside the id of another: invalid_client', async () => {
    const code = await juniper.code(alice)
    expect(await errorOf(await juniper.redeem(code, { client_assertion: '' }))).toBe('401 invalid_client')
    expect(await errorOf(await juniper.redeem(code, { client_id: 'juniper', client_assertion: '' }))).toBe(
      '401 invalid_client',
    )
    expect(await errorOf(await juniper.redeem(code, { client_id: 'alder' }))).toBe('401 invalid_client')
    expect((await juniper.redeem(code)).status).toBe(200)
  })

  test('FA-24 a second after it was used: invalid_grant, and its tokens die', async () => {
    const code = await juniper.code(alice)
    const { access_token } = await tokensIn(await juniper.redeem(code))
    provider.pass(1)
    expect(await errorOf(await juniper.redeem(code))).toBe('400 invalid_grant')
    expect(await errorOf(await juniper.userinfo(access_token))).toBe('401 invalid_token')
  })
})
