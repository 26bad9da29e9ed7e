import { createHmac, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeAll, expect, test, vi } from 'vitest'
import {
  AccessToken,
  ActionToken,
  type KeySource,
  localKeys,
  remoteKeys,
  secretKeys,
  TokenError,
} from './index.ts'
import {
  ALDER,
  forge,
  goodParts,
  ISSUER,
  keysFrom,
  NOON_SECONDS,
  OneParty,
  segment,
  type TestKey,
  testKey,
  verifierFor,
  verifierOf,
} from './issuer.fixture.ts'
import { ALGORITHMS } from './keys.ts'

// The attacks that a file of tokens cannot show: with new keys, over a network, in great number. All others: corpus.test.ts.

let key: TestKey
let attacker: TestKey
beforeAll(async () => {
  ;[key, attacker] = await Promise.all([testKey(), testKey()])
})

afterEach(() => {
  vi.restoreAllMocks()
})

/** What each of these tokens is refused with, by a verifier that is as generous as one can be. */
async function refusals(texts: Iterable<string>, victim = key, kind = AccessToken): Promise<Set<string>> {
  return await refusalsBy(localKeys({ keys: [victim.publicJwk] }), texts, kind)
}

async function refusalsBy(
  keys: KeySource,
  texts: Iterable<string>,
  kind = AccessToken,
): Promise<Set<string>> {
  const verifier = verifierOf(keys, { algorithms: ALGORITHMS })
  const codes = new Set<string>()
  for (const text of texts) {
    const code = await verifier.verify(kind, text).then(
      () => `TAKEN: ${text}`,
      (error) => (error instanceof TokenError ? error.code : `crash: ${error}`),
    )
    codes.add(code)
  }
  return codes
}

function signedWithSecret(secret: string | Buffer, header: object, payload: object): string {
  const input = `${segment({ ...header, alg: 'HS256' })}.${segment(payload)}`
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

test.each(['ES256', 'RS256', 'Ed25519'] as const)(
  'JA-2: a new %s key is no secret of HS256, in no encoding (JW-3)',
  async (alg) => {
    const victim = await testKey(alg)
    const object = createPublicKey({ key: victim.publicJwk as never, format: 'jwk' }) // a JWK of jose is one of Node
    const pem = object.export({ type: 'spki', format: 'pem' }).toString()
    const der = object.export({ type: 'spki', format: 'der' })
    const secrets = [pem, pem.trim(), der, JSON.stringify(victim.publicJwk)]
    const { header, payload } = goodParts(victim)
    const texts = secrets.map((secret) => signedWithSecret(secret, header, payload))
    expect(await refusals(texts, victim)).toEqual(new Set(['algorithm']))
    expect(await refusals(texts, victim, OneParty)).toEqual(new Set(['unknown_key']))
  },
)

test.each(['ES256', 'RS256', 'Ed25519'] as const)(
  'JA-3: a %s key without alg is still of one algorithm, its own (JW-2)',
  async (alg) => {
    const { alg: _, use: __, ...bare } = (await testKey(alg)).publicJwk
    const keys = localKeys({ keys: [bare] })
    for (const wanted of ALGORITHMS)
      for (const kid of [bare.kid, undefined])
        expect(await keysFrom(keys, { alg: wanted, ...(kid && { kid }) })).toHaveLength(
          wanted === alg ? 1 : 0,
        )
  },
)

test('JA-4, JA-5: a key, or the address of one, in the header is ignored, and no request is sent (JW-4)', async () => {
  const requests: string[] = []
  const server = createServer((request, response) => {
    requests.push(request.url ?? '')
    response.end(JSON.stringify({ keys: [{ ...attacker.publicJwk, kid: key.signing.kid }] }))
  }).listen(0, '127.0.0.1')
  await new Promise((listening) => server.once('listening', listening))
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}` // a TCP server has no other kind of address
  const fetched = vi.spyOn(globalThis, 'fetch')
  const { header, payload } = goodParts(key)
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const certificate = pair.publicKey.export({ type: 'spki', format: 'der' })
  const lures = [
    { jwk: attacker.publicJwk },
    { jku: `${address}/jwks` },
    { x5u: `${address}/certificate` },
    { x5c: [certificate.toString('base64')] },
    { jwk: attacker.publicJwk, jku: `${address}/jwks`, kid: `${address}/kid` },
    { kid: attacker.signing.kid, jwk: attacker.publicJwk },
  ]
  const signedBy = async (signer: TestKey, some = lures) =>
    await Promise.all(some.map((lure) => forge(signer.signing, { ...header, ...lure }, payload)))
  expect(await refusals(await signedBy(attacker))).toEqual(new Set(['signature', 'unknown_key']))
  const verifier = await verifierFor(key)
  for (const text of await signedBy(key, lures.slice(0, 4)))
    await expect(verifier.verify(AccessToken, text)).resolves.toBeDefined()
  expect(fetched).not.toHaveBeenCalled()
  expect(requests).toEqual([])
  server.close()
})

test('JA-5: a remote key source asks its own address, whatever a token says', async () => {
  const asked: string[] = []
  const source = remoteKeys({
    url: 'https://auth.example/jwks',
    fetch: async (url) => {
      asked.push(String(url))
      return Response.json({ keys: [key.publicJwk] })
    },
  })
  const { header, payload } = goodParts(key)
  const evil = 'https://evil.example/jwks'
  const text = await forge(attacker.signing, { ...header, kid: evil, jku: evil, x5u: evil }, payload)
  expect(await refusalsBy(source, [text])).toEqual(new Set(['unknown_key']))
  expect(asked).toEqual(['https://auth.example/jwks'])
})

test('JA-7: the secret that keys are derived from is no key itself, nor is its name', async () => {
  const secret = 'a long secret of 32 characters, or more'
  const keys = await secretKeys([secret], 'form')
  const verifier = verifierOf(keys, { algorithms: ['HS256'] })
  const header = { alg: 'HS256', typ: 'action+jwt', kid: keys.current.kid }
  const claims = { iss: ISSUER, aud: ALDER, jti: 'j', act: 'a', iat: NOON_SECONDS, exp: NOON_SECONDS + 60 }
  const genuine = await forge(keys.current, header, claims)
  await expect(verifier.verify(ActionToken, genuine)).resolves.toBeDefined()
  for (const weak of [secret, keys.current.kid, '\0']) {
    for (const kid of [keys.current.kid, undefined]) {
      const text = signedWithSecret(weak, { ...header, kid }, claims)
      await expect(verifier.verify(ActionToken, text)).rejects.toMatchObject({ code: 'signature' })
    }
  }
})

test('JA-19: of a thousand tokens of a megabyte none is read, and no key is looked for (JW-8)', async () => {
  const find = vi.fn<KeySource['find']>()
  const decode = vi.spyOn(TextDecoder.prototype, 'decode')
  const huge = `${segment(goodParts(key).header)}.${'A'.repeat(1_048_576)}.AAAA`
  const dots = '.'.repeat(1_048_576)
  const flood = Array.from({ length: 1000 }, (_, n) => (n % 2 ? huge : dots))
  expect(await refusalsBy({ find, revision: () => 0 }, flood)).toEqual(new Set(['too_large']))
  expect(find).not.toHaveBeenCalled()
  expect(decode).not.toHaveBeenCalled()
})

test('F-67: floods of dots, padding and rubbish of 8 KB are refused before a key is looked for', async () => {
  const find = vi.fn<KeySource['find']>()
  const bombs = [
    '.'.repeat(8192),
    'a.'.repeat(4096),
    '='.repeat(8192),
    `${'A'.repeat(8180)}!.A.A`,
    ' '.repeat(8192),
  ]
  const flood = Array.from({ length: 500 }, (_, n) => bombs[n % bombs.length] ?? '')
  expect(await refusalsBy({ find, revision: () => 0 }, flood)).toEqual(new Set(['malformed']))
  expect(find).not.toHaveBeenCalled()
})
