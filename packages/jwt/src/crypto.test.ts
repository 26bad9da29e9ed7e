import { generateKeyPair } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import * as resolved from '#crypto'
import { type AsymmetricAlgorithm, generateKey } from './index.ts'
import * as node from './node-crypto.ts'
import * as web from './web-crypto.ts'

// What is made by one half is read by the other: a site on an edge runtime and one on Node are the same site.
const halves = { web, node }
const pairs = Object.entries(halves).flatMap(([maker, made]) =>
  Object.entries(halves).map(([reader, read]) => [maker, reader, made, read] as const),
)
const bytes = (text: string) => new TextEncoder().encode(text)
const changed = (given: Uint8Array<ArrayBuffer>, place = 0) =>
  given.map((byte, index) => (index === place ? byte ^ 1 : byte))

test('a server on Node takes what Node does itself', () => {
  expect(resolved.sign).toBe(node.sign)
  expect(resolved.aesGcm).toBe(node.aesGcm)
})

describe.each(pairs)('base64url by %s, read by %s', (_maker, _reader, made, read) => {
  test('RFC 4648 §5: the same text without padding, and the same bytes again', () => {
    expect(made.encodeBase64url('fo\u00fc\u{1f600}')).toBe('Zm_DvPCfmIA')
    for (let length = 0; length < 70; length++) {
      const content = crypto.getRandomValues(new Uint8Array(length))
      const text = made.encodeBase64url(content)
      expect(text).toBe(Buffer.from(content).toString('base64url'))
      expect(read.decodeBase64url(text)).toEqual(content)
    }
    // A part of something larger is that part alone.
    const whole = bytes('one two three')
    expect(read.decodeBase64url(made.encodeBase64url(whole.subarray(4, 7)))).toEqual(bytes('two'))
  })
})

describe.each(pairs)('signed by %s, verified by %s', (_maker, _reader, made, read) => {
  test.each(['ES256', 'RS256', 'Ed25519'] as const)('%s: the same signature, and no other', async (alg) => {
    const { privateJwk, publicJwk } = await generateKey(alg)
    const signature = await made.sign(alg, await made.importKey(privateJwk, alg), bytes('a text'))
    expect(signature).toHaveLength(alg === 'RS256' ? 256 : 64)
    const key = await read.importKey(publicJwk, alg)
    const verdict = (given: Uint8Array<ArrayBuffer>, text: string) =>
      read.verify(alg, key, given, bytes(text))
    expect(await verdict(signature, 'a text')).toBe(true)
    expect(await verdict(signature, 'another text')).toBe(false)
    expect(await verdict(changed(signature), 'a text')).toBe(false)
    for (const wrong of [new Uint8Array(), signature.slice(1), new Uint8Array([...signature, 0])])
      expect(await verdict(wrong, 'a text')).toBe(false)
  })

  test('HS256 with a secret', async () => {
    const hmac = { name: 'HMAC', hash: 'SHA-256' }
    const key = await crypto.subtle.importKey('raw', bytes('secret'), hmac, false, ['sign', 'verify'])
    const signature = await made.sign('HS256', key, bytes('a text'))
    expect(await read.verify('HS256', key, signature, bytes('a text'))).toBe(true)
    expect(await read.verify('HS256', key, changed(signature), bytes('a text'))).toBe(false)
  })

  test('AES-GCM: opened only with the same key and header, and unchanged', async () => {
    const bits = crypto.getRandomValues(new Uint8Array(32))
    const header = bytes('header')
    const encrypted = await made.aesGcm(bits).encrypt(bytes('a text'), header)
    expect([encrypted.iv, encrypted.ciphertext, encrypted.tag].map(({ length }) => length)).toEqual([
      12, 6, 16,
    ])
    const cipher = read.aesGcm(bits)
    expect(await cipher.decrypt(encrypted, header)).toEqual(bytes('a text'))
    const wrong = [
      () => cipher.decrypt(encrypted, bytes('Header')),
      () => cipher.decrypt({ ...encrypted, iv: changed(encrypted.iv) }, header),
      () => cipher.decrypt({ ...encrypted, ciphertext: changed(encrypted.ciphertext) }, header),
      () => cipher.decrypt({ ...encrypted, tag: changed(encrypted.tag, 15) }, header),
      () => read.aesGcm(changed(bits)).decrypt(encrypted, header),
    ]
    for (const open of wrong) await expect(open()).rejects.toThrow()
  })

  test('AES-GCM: no nonce twice', async () => {
    const cipher = made.aesGcm(new Uint8Array(32))
    const all = await Promise.all(Array.from({ length: 100 }, () => cipher.encrypt(bytes('a'), bytes('b'))))
    expect(new Set(all.map(({ iv }) => `${iv}`)).size).toBe(100)
  })
})

describe.each(Object.entries(halves))('%s', (_, half) => {
  let keys: Record<AsymmetricAlgorithm, CryptoKey>
  beforeAll(async () => {
    const imported = async (alg: AsymmetricAlgorithm) =>
      await half.importKey((await generateKey(alg)).privateJwk, alg)
    keys = {
      ES256: await imported('ES256'),
      RS256: await imported('RS256'),
      Ed25519: await imported('Ed25519'),
    }
  })

  test('a key signs for the algorithm that it was imported for, and no other (RFC 8725 §3.1)', async () => {
    for (const [own, key] of Object.entries(keys))
      for (const alg of ['ES256', 'RS256', 'Ed25519', 'HS256'] as const)
        if (alg !== own) await expect(half.sign(alg, key, bytes('a text'))).rejects.toThrow()
  })

  test('a private key is not handed out again', () => {
    expect(Object.values(keys).map(({ extractable }) => extractable)).toEqual([false, false, false])
  })

  test('a key that was imported elsewhere does its work too', async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES256')
    const signature = await half.sign('ES256', privateKey, bytes('a text'))
    expect(await half.verify('ES256', publicKey, signature, bytes('a text'))).toBe(true)
  })
})
