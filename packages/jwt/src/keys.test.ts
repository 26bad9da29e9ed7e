import { generateKeyPairSync, type JsonWebKey } from 'node:crypto'
import type { JWK } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  AccessToken,
  generateKey,
  importPrivateKey,
  isPublicKey,
  issue,
  localKeys,
  secretKeys,
  TokenError,
} from './index.ts'
import {
  accessClaims,
  forge,
  goodParts,
  keysFrom,
  NOON,
  OneParty,
  type TestKey,
  testKey,
  verifierOf,
} from './issuer.fixture.ts'

let key: TestKey
let rsa: TestKey
let edwards: TestKey
beforeAll(async () => {
  ;[key, rsa, edwards] = await Promise.all([testKey(), testKey('RS256'), testKey('Ed25519')])
})

/** How many keys of a set come into question. */
async function count(
  keys: unknown[],
  alg: 'ES256' | 'RS256' | 'Ed25519' = 'ES256',
  kid?: string,
): Promise<number> {
  return (await keysFrom(localKeys({ keys: keys as JWK[] }), { alg, ...(kid !== undefined && { kid }) }))
    .length
}

test('generateKey gives a pair whose kid is the thumbprint of its public half (RFC 7638)', async () => {
  for (const alg of ['ES256', 'RS256', 'Ed25519'] as const) {
    const { kid, privateJwk, publicJwk } = await generateKey(alg)
    expect([kid.length, privateJwk.kid, publicJwk.kid]).toEqual([43, kid, kid])
    for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi']) expect(publicJwk).not.toHaveProperty(secret)
    const signing = await importPrivateKey(privateJwk, alg)
    expect([signing.kid, signing.alg, signing.key.extractable]).toEqual([kid, alg, false])
  }
})

test('importPrivateKey takes a private key of the named algorithm and nothing else', async () => {
  await expect(importPrivateKey(key.publicJwk, 'ES256')).rejects.toThrow(TypeError)
  await expect(importPrivateKey(key.privateJwk, 'RS256')).rejects.toThrow(TypeError)
  await expect(importPrivateKey({ ...key.privateJwk, use: 'enc' }, 'ES256')).rejects.toThrow(TypeError)
  await expect(importPrivateKey(weakRsa(1024, 65537, true), 'RS256')).rejects.toThrow(TypeError)
  const { kid: _, ...unnamed } = key.privateJwk
  expect((await importPrivateKey({ ...unnamed, key_ops: ['sign'] }, 'ES256')).kid).toBe(key.signing.kid)
})

describe('which keys of a set are used', () => {
  test('those of the algorithm and the kid that are asked for (JW-2, JW-27)', async () => {
    const set = [key.publicJwk, rsa.publicJwk, edwards.publicJwk]
    expect(await count(set, 'ES256', key.signing.kid)).toBe(1)
    expect(await count(set, 'RS256', key.signing.kid)).toBe(0)
    expect(await count(set, 'Ed25519')).toBe(1)
    const source = localKeys({ keys: set })
    expect(await keysFrom(source, { alg: 'HS256' })).toEqual([])
  })

  test('at most three without a kid (JW-27)', async () => {
    const many = await Promise.all(Array.from({ length: 5 }, () => generateKey('ES256')))
    expect(await count([rsa.publicJwk, ...many.map(({ publicJwk }) => publicJwk)])).toBe(3)
  })

  test.each([
    { use: 'enc' },
    { key_ops: ['encrypt'] },
    { key_ops: [] },
    { key_ops: null },
    { key_ops: 7 },
    { alg: 'ES384' },
    { alg: 'HS256' },
    { alg: 7 },
    { crv: 'P-384' },
    { crv: 'secp256k1' },
    { kty: 'RSA' },
    { kty: 'oct' },
    { x: 'AAAA' },
    { x: 7 },
    { y: undefined },
  ])('not one that says %j (JW-2, F-55)', async (change) => {
    expect(await count([{ ...key.publicJwk, ...change }])).toBe(0)
    expect(await count([{ ...key.publicJwk, kid: 'bad', ...change }, key.publicJwk])).toBe(1)
  })

  test('one that says nothing about its use is as good, and EdDSA is the old name of Ed25519', async () => {
    const { kty, crv, x, y } = key.publicJwk
    expect(await count([{ kty, crv, x, y }])).toBe(1)
    expect(await count([{ ...key.publicJwk, key_ops: ['verify'] }])).toBe(1)
    expect(await count([{ ...edwards.publicJwk, alg: 'EdDSA' }], 'Ed25519')).toBe(1)
  })

  test('neither of two with one kid, whatever else they are (JW-2)', async () => {
    const twin = { ...(await generateKey('ES256')).publicJwk, kid: key.signing.kid }
    expect(await count([key.publicJwk, twin])).toBe(0)
    expect(await count([key.publicJwk, { ...rsa.publicJwk, kid: key.signing.kid }])).toBe(0)
    expect(await count([key.publicJwk, { kty: 'oct', k: 'AAAA', kid: key.signing.kid }])).toBe(0)
    expect(
      await count([
        { ...key.publicJwk, kid: '' },
        { ...twin, kid: '' },
      ]),
    ).toBe(0)
  })

  test('no private and no symmetric one (JW-25)', async () => {
    const oct = { kty: 'oct', k: Buffer.alloc(32, 1).toString('base64url'), alg: 'HS256' }
    expect(await count([key.privateJwk])).toBe(0)
    expect(await count([rsa.privateJwk], 'RS256')).toBe(0)
    expect(await count([{ ...key.publicJwk, d: '' }])).toBe(0)
    expect(await keysFrom(localKeys({ keys: [oct] }), { alg: 'HS256' })).toEqual([])
    expect(await count([key.privateJwk, oct, edwards.publicJwk], 'Ed25519')).toBe(1)
  })

  test.each(['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'])(
    'a key with %s is no public one, even if nothing is in it (JW-25)',
    (member) => {
      expect(isPublicKey(key.publicJwk)).toBe(true)
      expect(isPublicKey({ ...rsa.publicJwk, [member]: undefined })).toBe(false)
    },
  )
})

function weakRsa(modulusLength: number, publicExponent: number, isPrivate = false): JsonWebKey {
  const pair = generateKeyPairSync('rsa', { modulusLength, publicExponent })
  return (isPrivate ? pair.privateKey : pair.publicKey).export({ format: 'jwk' })
}

describe('weak keys (JW-16)', () => {
  test('RSA of fewer than 2048 bits or with another exponent than 65537 is refused', async () => {
    expect(await count([weakRsa(2048, 65537)], 'RS256')).toBe(1)
    expect(await count([weakRsa(1024, 65537)], 'RS256')).toBe(0)
    expect(await count([weakRsa(2040, 65537)], 'RS256')).toBe(0)
    expect(await count([weakRsa(2048, 3)], 'RS256')).toBe(0)
    expect(await count([{ ...rsa.publicJwk, e: 'AQ' }], 'RS256')).toBe(0)
    expect(await count([{ ...rsa.publicJwk, e: 'AAEAAQ' }], 'RS256')).toBe(0)
  })

  test('zeros in front do not make a short RSA key long', async () => {
    const { signing, publicJwk } = await shortRsa()
    const padded = Buffer.concat([Buffer.alloc(128), Buffer.from(publicJwk.n ?? '', 'base64url')])
    const keys = localKeys({ keys: [{ ...publicJwk, n: padded.toString('base64url') } as JWK] })
    const text = await forge(signing, { alg: 'RS256', typ: 'at+jwt' }, goodParts(key).payload)
    const verifier = verifierOf(keys, { algorithms: ['RS256'] })
    await expect(verifier.verify(AccessToken, text)).rejects.toMatchObject({
      code: expect.stringMatching(/key|signature/),
    })
  })

  test('a point that is not on the curve is refused', async () => {
    const y = Buffer.from(key.publicJwk.y ?? '', 'base64url')
    y[31] = (y[31] ?? 0) ^ 1
    expect(await count([{ ...key.publicJwk, y: y.toString('base64url') }])).toBe(0)
    expect(await count([{ ...key.publicJwk, x: 'A'.repeat(43), y: 'A'.repeat(43) }])).toBe(0)
  })

  test('a secret of fewer than 32 characters makes no key, blank or not (JA-7)', async () => {
    for (const secret of ['', 'secret', 'x'.repeat(31)]) {
      await expect(secretKeys([secret], 'form')).rejects.toThrow('at least 32 characters')
    }
    await expect(secretKeys([], 'form')).rejects.toThrow('at least one secret')
  })
})

async function shortRsa() {
  const pair = generateKeyPairSync('rsa', { modulusLength: 1024 })
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
  const jwk = pair.privateKey.export({ format: 'jwk' })
  const secret = await crypto.subtle.importKey('jwk', jwk, algorithm, false, ['sign'])
  return {
    signing: { alg: 'RS256' as const, key: secret },
    publicJwk: pair.publicKey.export({ format: 'jwk' }),
  }
}

test('secrets for two purposes give keys that have nothing in common', async () => {
  const secret = 'one secret of at least 32 characters'
  const [form, code] = await Promise.all([secretKeys([secret], 'form'), secretKeys([secret], 'code')])
  expect(form.current.kid).not.toBe(code.current.kid)
  expect(form.current.kid).not.toContain(secret.slice(0, 4))
  await expect(crypto.subtle.exportKey('raw', form.current.key)).rejects.toThrow()
  const text = await issue(OneParty, accessClaims, { key: form.current, now: NOON, lifetimeSeconds: 60 })
  await expect(verifierOf(form, { algorithms: ['HS256'] }).verify(OneParty, text)).resolves.toBeDefined()
  await expect(verifierOf(code, { algorithms: ['HS256'] }).verify(OneParty, text)).rejects.toThrow(TokenError)
})

test.each([
  '-----BEGIN PUBLIC KEY-----',
  '\n  -----BEGIN RSA PUBLIC KEY-----',
  ' {"kty":"EC","crv":"P-256"}',
])('JW-3: %j is a key that others may know, and makes no secret', async (key) => {
  await expect(secretKeys([key.padEnd(64, 'x')], 'form')).rejects.toThrow(TypeError)
})
