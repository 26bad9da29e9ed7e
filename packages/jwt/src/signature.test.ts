import { beforeAll, describe, expect, test } from 'vitest'
import { AccessToken, TokenError } from './index.ts'
import {
  accessToken,
  goodParts,
  segment,
  type TestKey,
  testKey,
  verdictOn,
  verifierFor,
  withCharacter,
} from './issuer.fixture.ts'

let key: TestKey
let other: TestKey
beforeAll(async () => {
  key = await testKey()
  other = await testKey()
})

describe('the signature', () => {
  test('any single changed character is refused', async () => {
    const text = await accessToken(key.signing)
    const verifier = await verifierFor(key)
    await verifier.verify(AccessToken, text) // remembered, which must not help
    for (let place = 0; place < text.length; place++) {
      const twins = ['A', 'w']
      for (const character of twins.filter((twin) => twin !== text[place])) {
        const changed = withCharacter(text, place, character)
        await expect(verifier.verify(AccessToken, changed), `${place}`).rejects.toBeInstanceOf(TokenError)
      }
    }
  })

  test('is 64 raw bytes: not DER, not truncated, not longer, not zero (JW-17)', async () => {
    const text = await accessToken(key.signing)
    const [header, payload, signature = ''] = text.split('.')
    const raw = Buffer.from(signature, 'base64url')
    const integer = (part: Buffer) => {
      const positive = (part[0] ?? 0) > 127 ? Buffer.concat([Buffer.of(0), part]) : part
      return Buffer.concat([Buffer.of(2, positive.length), positive])
    }
    const body = Buffer.concat([integer(raw.subarray(0, 32)), integer(raw.subarray(32))])
    const order = Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex')
    const bad = [
      Buffer.concat([Buffer.of(0x30, body.length), body]),
      raw.subarray(0, 63),
      raw.subarray(0, 32),
      Buffer.concat([raw, Buffer.of(0)]),
      Buffer.concat([raw, raw]),
      Buffer.alloc(64),
      Buffer.alloc(1),
      Buffer.concat([order, order]),
      Buffer.concat([Buffer.alloc(32), raw.subarray(32)]),
      Buffer.concat([raw.subarray(0, 32), Buffer.alloc(32)]),
    ]
    for (const bytes of bad)
      expect(await verdictOn(key, `${header}.${payload}.${segment(bytes)}`)).toBe('signature')
  })

  test('is checked before a claim is so much as read', async () => {
    const nonsense = `${segment(goodParts(key).header)}.${segment('not JSON')}.${segment('no signature')}`
    expect(await verdictOn(key, nonsense)).toBe('signature')
  })
})

test('an error never holds the token, a signature or a key (JW-21)', async () => {
  const verifier = await verifierFor(key)
  const good = await accessToken(key.signing)
  const [header, payload, signature = ''] = good.split('.')
  const secrets = [good, payload ?? '', signature, key.publicJwk.x ?? '']
  const bad = [
    `${header}.${payload}.${segment('x'.repeat(64))}`,
    await accessToken(other.signing),
    `${good}=`,
  ]
  for (const text of bad) {
    const error = await verifier.verify(AccessToken, text).catch((reason) => reason)
    expect(error).toBeInstanceOf(TokenError)
    for (const secret of secrets) expect(`${error.stack} ${JSON.stringify(error)}`).not.toContain(secret)
    expect(error.cause).toBeUndefined()
  }
})
