import { createHmac, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { CompactEncrypt, importJWK } from 'jose'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import {
  AccessToken,
  ActionToken,
  type Algorithm,
  localKeys,
  remoteKeys,
  secretKeys,
  TokenError,
} from './index.ts'
import {
  accessToken,
  forge,
  goodParts,
  keysFrom,
  NOON_SECONDS,
  OneParty,
  segment,
  type TestKey,
  testKey,
  verifierFor,
  verifierOf,
} from './issuer.fixture.ts'

let key: TestKey
let attacker: TestKey
beforeAll(async () => {
  ;[key, attacker] = await Promise.all([testKey(), testKey()])
})

/** What each of these tokens is refused with, by a verifier that is as generous as one can be. */
async function refusals(texts: Iterable<string>, victim = key, kind = AccessToken): Promise<Set<string>> {
  const algorithms: Algorithm[] = ['ES256', 'RS256', 'Ed25519', 'HS256']
  const verifier = await verifierFor(victim, { algorithms })
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

test('JA-1: no algorithm, in any spelling, with and without a signature', async () => {
  const { header, payload } = goodParts(key)
  const signature = (await accessToken(key.signing)).split('.')[2]
  const spellings = [
    'none',
    'None',
    'NONE',
    'nOnE',
    'noNe',
    ' none',
    'none ',
    'none\0',
    'n\u200bone',
    '',
    'null',
    'undefined',
  ]
  const inputs = spellings.map((alg) => `${segment({ ...header, alg })}.${segment(payload)}`)
  expect(await refusals(inputs.map((input) => `${input}.${signature}`))).toEqual(new Set(['algorithm']))
  expect(await refusals(inputs.map((input) => `${input}.`))).toEqual(new Set(['malformed']))
  expect(await refusals(inputs)).toEqual(new Set(['malformed']))
})

/** A public key in every form in which a careless library takes it for a secret. */
function asSecrets(publicJwk: object): (string | Buffer)[] {
  const object = createPublicKey({ key: publicJwk as never, format: 'jwk' }) // a JWK of jose is one of Node
  const spki = object.export({ type: 'spki', format: 'pem' }).toString()
  const jwk = JSON.stringify(publicJwk)
  return [
    spki,
    spki.trim(),
    `\n ${spki}`,
    spki.replaceAll('\n', '\r\n'),
    object.export({ type: 'spki', format: 'der' }),
    jwk,
    ` ${jwk}`,
    JSON.stringify({ keys: [publicJwk] }),
    ...Object.values(publicJwk).flatMap((part) => [String(part), Buffer.from(String(part), 'base64url')]),
  ]
}

test.each(['ES256', 'RS256', 'Ed25519'] as const)(
  'JA-2: %s turned into HS256 with the public key as the secret',
  async (alg) => {
    const victim = await testKey(alg)
    const { header, payload } = goodParts(victim)
    const texts = [
      { ...header, alg: 'HS256' },
      { typ: 'at+jwt', alg: 'HS256' },
    ].flatMap((forged) =>
      asSecrets(victim.publicJwk).map((secret) => {
        const input = `${segment(forged)}.${segment(payload)}`
        return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
      }),
    )
    expect(texts.length).toBeGreaterThan(20)
    expect(await refusals(texts, victim)).toEqual(new Set(['algorithm']))
    expect(await refusals(texts, victim, OneParty)).toEqual(new Set(['unknown_key']))
  },
)

test('JA-3: a key without alg is still of one algorithm, its own', async () => {
  const rsa = await testKey('RS256')
  const { alg: _, ...bare } = rsa.publicJwk
  const keys = localKeys({ keys: [bare] })
  for (const alg of ['HS256', 'ES256', 'Ed25519'] as const)
    expect(await keysFrom(keys, { alg, kid: bare.kid ?? '' })).toEqual([])
  const pss = { name: 'RSA-PSS', hash: 'SHA-256' }
  const secret = await crypto.subtle.importKey('jwk', { ...rsa.privateJwk, alg: 'PS256' }, pss, false, [
    'sign',
  ])
  const input = `${segment({ ...goodParts(rsa).header, alg: 'RS256' })}.${segment(goodParts(rsa).payload)}`
  const signature = await crypto.subtle.sign({ name: 'RSA-PSS', saltLength: 32 }, secret, Buffer.from(input))
  expect(await refusals([`${input}.${segment(new Uint8Array(signature))}`], rsa)).toEqual(
    new Set(['signature']),
  )
})

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
  const certificate = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({
    type: 'spki',
    format: 'der',
  })
  const lures = [
    { jwk: attacker.publicJwk },
    { jku: `${address}/jwks` },
    { x5u: `${address}/certificate` },
    { x5c: [certificate.toString('base64')] },
    { jwk: attacker.publicJwk, jku: `${address}/jwks`, kid: `${address}/kid` },
    { kid: attacker.signing.kid, jwk: attacker.publicJwk },
  ]
  const texts = await Promise.all(
    lures.map((lure) => forge(attacker.signing, { ...header, ...lure }, payload)),
  )
  expect(await refusals(texts)).toEqual(new Set(['signature', 'unknown_key']))
  const genuine = await Promise.all(
    lures.slice(0, 4).map((lure) => forge(key.signing, { ...header, ...lure }, payload)),
  )
  const verifier = await verifierFor(key)
  for (const text of genuine) await expect(verifier.verify(AccessToken, text)).resolves.toBeDefined()
  expect(fetched).not.toHaveBeenCalled()
  expect(requests).toEqual([])
  fetched.mockRestore()
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
  const text = await forge(
    attacker.signing,
    { ...header, kid: 'https://evil.example/jwks', jku: 'https://evil.example/jwks' },
    payload,
  )
  await expect(verifierOf(source).verify(AccessToken, text)).rejects.toThrow(TokenError)
  expect(new Set(asked)).toEqual(new Set(['https://auth.example/jwks']))
})

test('JA-6: a kid is a name and nothing else (JW-5)', async () => {
  const kids = [
    '../../../dev/null',
    '/dev/null',
    "x' UNION SELECT 'secret';--",
    '|sleep 9',
    '$(id)',
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    '0',
    '*',
    '%00',
    '\0',
    '',
  ]
  const { header, payload } = goodParts(key)
  const empty = await crypto.subtle.importKey(
    'raw',
    Buffer.alloc(1),
    { name: 'HMAC', hash: 'SHA-256' },
    false,
    ['sign'],
  )
  for (const signer of [attacker.signing, { alg: 'HS256' as const, key: empty }, key.signing]) {
    const texts = kids.map((kid) => forge(signer, { ...header, alg: signer.alg, kid }, payload))
    const kind = signer.alg === 'HS256' ? OneParty : AccessToken
    expect(await refusals(await Promise.all(texts), key, kind)).toEqual(new Set(['unknown_key']))
  }
})

test('JA-7: no weak secret verifies an action token', async () => {
  const keys = await secretKeys(['a long secret of 32 characters, or more'], 'form')
  const verifier = verifierOf(keys, { algorithms: ['HS256'] })
  const claims = {
    iss: 'https://auth.example',
    aud: 'https://alder.example',
    jti: 'j',
    act: 'a',
    bound: 'b',
    iat: NOON_SECONDS,
    exp: NOON_SECONDS + 60,
  }
  const genuine = await forge(
    keys.current,
    { alg: 'HS256', typ: 'action+jwt', kid: keys.current.kid },
    claims,
  )
  await expect(verifier.verify(ActionToken, genuine)).resolves.toBeDefined()
  for (const secret of ['\0', 'secret', 'a long secret of 32 characters, or more', keys.current.kid]) {
    const hmac = await crypto.subtle.importKey(
      'raw',
      Buffer.from(secret),
      { name: 'HMAC', hash: 'SHA-256' },
      false,
      ['sign'],
    )
    for (const header of [
      { alg: 'HS256', typ: 'action+jwt', kid: keys.current.kid },
      { alg: 'HS256', typ: 'action+jwt' },
    ]) {
      const text = await forge({ alg: 'HS256', key: hmac }, header, claims)
      await expect(verifier.verify(ActionToken, text)).rejects.toMatchObject({ code: 'signature' })
    }
  }
})

test('JA-11: an encrypted token is none, whoever it is encrypted for', async () => {
  const content = Buffer.from(JSON.stringify(goodParts(key).payload))
  const publicKey = await importJWK({ ...key.publicJwk, alg: 'ECDH-ES', use: 'enc' }, 'ECDH-ES')
  const texts = [
    await new CompactEncrypt(content)
      .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', typ: 'at+jwt' })
      .encrypt(publicKey),
    await new CompactEncrypt(content)
      .setProtectedHeader({ alg: 'PBES2-HS256+A128KW', enc: 'A128GCM', typ: 'at+jwt' })
      .encrypt(Buffer.from(JSON.stringify(key.publicJwk))),
    `${segment({ alg: 'PBES2-HS256+A128KW', enc: 'A128GCM', p2c: 2 ** 31, p2s: 'AAAA' })}.AA.AAAAAAAAAAAAAAAA.AA.AAAAAAAAAAAAAAAAAAAAAA`,
    `${segment({ alg: 'dir', enc: 'A256GCM', zip: 'DEF' })}..AAAAAAAAAAAAAAAA.AA.AAAAAAAAAAAAAAAAAAAAAA`,
  ]
  expect(await refusals(texts)).toEqual(new Set(['malformed']))
})

test('JA-12: a token inside of a token, or an object around one, is none', async () => {
  const inner = await accessToken(key.signing)
  const { header, payload } = goodParts(key)
  const [protectedHeader, body, signature] = inner.split('.')
  const json = { protected: protectedHeader, payload: body, signature }
  const texts = [
    await forge(key.signing, { ...header, cty: 'JWT' }, inner),
    await forge(key.signing, { ...header, cty: 'JWT' }, { jwt: inner }),
    await forge(attacker.signing, { ...header, cty: 'JWT' }, inner),
    JSON.stringify(json),
    JSON.stringify({ payload: body, signatures: [json] }),
    segment(json),
    `"${inner}"`,
  ]
  expect(await refusals(texts)).toEqual(new Set(['malformed', 'claim', 'signature']))
  expect(
    await refusals([
      await forge(key.signing, { ...header, cty: 'JWT' }, { ...payload, iss: undefined, jwt: inner }),
    ]),
  ).toEqual(new Set(['claim']))
})

describe('JA-16: strange JSON', () => {
  test('deep nesting, NUL, lone surrogates and huge numbers crash nothing', async () => {
    const { header, payload } = goodParts(key)
    const deep = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`
    const body = JSON.stringify(payload).slice(0, -1)
    const payloads = [
      `${body},"x":${deep(2500)}}`,
      `${body},"x":"\\u0000\\ud800"}`,
      `${body},"x":1e999999,"y":-1e-999999}`,
      `${body},"\\u0000":1,"":2,"toString":3,"hasOwnProperty":4,"then":5}`,
    ]
    const verifier = await verifierFor(key)
    for (const text of payloads) {
      const token = await verifier.verify(AccessToken, await forge(key.signing, header, text))
      expect(token.claims.sub).toBe('alice')
    }
    const headers = [deep(2500), `{"alg":${deep(2500)}}`, `{"alg":"ES256","x":${deep(2500)}`]
    const texts = headers.map((text) => forge(key.signing, text, payload))
    expect(await refusals(await Promise.all(texts))).toEqual(new Set(['malformed', 'algorithm']))
  })
})

test('JA-19: a token of a megabyte costs nothing', async () => {
  const huge = `${segment(goodParts(key).header)}.${'A'.repeat(1_048_576)}.AAAA`
  const dots = '.'.repeat(1_048_576)
  const started = performance.now()
  expect(await refusals(Array.from({ length: 1000 }, (_, n) => (n % 2 ? huge : dots)))).toEqual(
    new Set(['too_large']),
  )
  expect(performance.now() - started).toBeLessThan(2000)
})

test('F-67: dots, padding and alphabets of 8 KB are refused quickly', async () => {
  const bombs = [
    '.'.repeat(8192),
    'a.'.repeat(4096),
    '='.repeat(8192),
    `${'A'.repeat(8180)}!.A.A`,
    ' '.repeat(8192),
  ]
  const started = performance.now()
  expect(await refusals(Array.from({ length: 500 }, (_, n) => bombs[n % bombs.length] ?? ''))).toEqual(
    new Set(['malformed']),
  )
  expect((performance.now() - started) / 500).toBeLessThan(20)
})
