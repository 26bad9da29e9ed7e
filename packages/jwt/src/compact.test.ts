import { beforeAll, describe, expect, test } from 'vitest'
import { AccessToken } from './index.ts'
import {
  accessToken,
  forge,
  goodParts,
  ISSUER,
  segment,
  type TestKey,
  testKey,
  verdictOf,
  verdictOn,
  verifierFor,
  withCharacter,
} from './issuer.fixture.ts'

let key: TestKey
beforeAll(async () => {
  key = await testKey()
})

test('a kid is text of at most 128 characters (JW-5)', async () => {
  for (const kid of ['k'.repeat(129), 7, null, ['a'], {}]) {
    expect(await verdictOf(key, { header: { kid } })).toBe('malformed')
  }
  expect(await verdictOf(key, { header: { kid: 'k'.repeat(128) } })).toBe('unknown_key')
})

test.each([
  { crit: ['exp'] },
  { crit: [] },
  { crit: ['b64'], b64: false },
  { b64: false },
  { b64: true },
  { zip: 'DEF' },
  { enc: 'A256GCM' },
])('a header that asks for an extension is refused (JW-6): %j', async (header) => {
  expect(await verdictOf(key, { header })).toBe('malformed')
})

describe('the compact form (JW-7, JW-18)', () => {
  test('takes no padding, white space, other alphabet, empty, missing or additional part', async () => {
    const text = await accessToken(key.signing)
    const [header, payload, signature] = text.split('.')
    const spoiled = [
      `${text}=`,
      `${header}=.${payload}.${signature}`,
      ` ${text}`,
      `${text}\n`,
      `${text}\0`,
      `${header}. ${payload}.${signature}`,
      `${header}.${payload}.${signature?.slice(0, 9)}+/${signature?.slice(11)}`,
      `${header}.${payload}.`,
      `${header}..${signature}`,
      `.${payload}.${signature}`,
      `${header}.${payload}`,
      `${text}.`,
      `${text}.${signature}`,
      `${text}.${signature}.${signature}`,
      '',
      '..',
      'Bearer',
    ]
    for (const bad of spoiled) expect(await verdictOn(key, bad), bad).toBe('malformed')
  })

  test('takes no unused bits in the last character', async () => {
    const text = await accessToken(key.signing)
    // 64 bytes are 86 characters: the last one carries two bits and four that mean nothing.
    const last = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'.indexOf(text.at(-1) ?? '')
    for (let unused = 1; unused < 16; unused++) {
      const twin = withCharacter(
        text,
        text.length - 1,
        'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'[last + unused] ?? '',
      )
      expect(Buffer.from(twin.split('.')[2] ?? '', 'base64url')).toEqual(
        Buffer.from(text.split('.')[2] ?? '', 'base64url'),
      )
      expect(await verdictOn(key, twin)).toBe('malformed')
    }
  })

  test('a token of five parts (JWE) is refused as what it is', async () => {
    const verifier = await verifierFor(key)
    await expect(verifier.verify(AccessToken, 'a.b.c.d.e')).rejects.toThrow(/encrypted/)
  })

  test('a token inside of a token is none, wherever it is and whatever the header says of it (JW-19)', async () => {
    const inner = await accessToken(key.signing)
    const { header } = goodParts(key)
    for (const cty of ['JWT', 'at+jwt', undefined]) {
      const outer = { ...header, cty }
      expect(await verdictOn(key, await forge(key.signing, outer, inner))).toBe('malformed')
      expect(await verdictOn(key, await forge(key.signing, outer, JSON.stringify(inner)))).toBe('malformed')
      expect(await verdictOn(key, await forge(key.signing, outer, { jwt: inner }))).toBe('claim')
    }
    expect(await verdictOn(key, `${segment(inner)}.${inner}`)).toBe('malformed')
  })

  test('something that is not text is refused', async () => {
    const verifier = await verifierFor(key)
    for (const thing of [undefined, null, 7, {}, ['a.b.c']] as unknown as string[]) {
      await expect(verifier.verify(AccessToken, thing)).rejects.toMatchObject({ code: 'malformed' })
    }
  })
})

test('8192 characters are read, 8193 are not (JW-8)', async () => {
  const { header, payload } = goodParts(key)
  const rest = (await forge(key.signing, header, payload)).length
  const fits = async (more: number) =>
    await forge(key.signing, header, {
      ...payload,
      more: 'x'.repeat(Math.floor(((8192 - rest - 12) * 3) / 4) + more),
    })
  const texts = [await fits(-20), await fits(20)]
  expect(texts.map((text) => text.length <= 8192)).toEqual([true, false])
  expect(await Promise.all(texts.map((text) => verdictOn(key, text)))).toEqual(['good', 'too_large'])
  expect(await verdictOn(key, 'a'.repeat(1_048_576))).toBe('too_large')
})

describe('JSON (JW-9)', () => {
  test.each(['[]', '"text"', 'null', '1', '{"a":1} {}', '{', '\ufeff{}', "{'a':1}"])(
    'neither part may be %s',
    async (raw) => {
      expect(await verdictOf(key, { rawHeader: raw })).toBe('malformed')
      expect(await verdictOf(key, { rawPayload: raw })).toBe('malformed')
    },
  )

  test('is UTF-8, strictly', async () => {
    const { header, payload } = goodParts(key)
    const broken = Buffer.from(JSON.stringify(payload).replace('alice', 'al\u00ff'), 'latin1')
    expect(await verdictOn(key, await forge(key.signing, header, broken))).toBe('malformed')
    const utf16 = Buffer.from(JSON.stringify(payload), 'utf16le')
    expect(await verdictOn(key, await forge(key.signing, header, utf16))).toBe('malformed')
  })

  test('of two members with one name the last counts, in the header as in the payload', async () => {
    const { header, payload } = goodParts(key)
    const twice = JSON.stringify(payload).replace('"iss"', '"iss":"https://evil.example","iss"')
    expect(await verdictOf(key, { rawPayload: twice })).toBe('good')
    const typ = JSON.stringify(header).replace('"typ":"at+jwt"', '"typ":"at+jwt","typ":"JWT"')
    expect(await verdictOf(key, { rawHeader: typ })).toBe('type')
  })

  test('__proto__ and constructor do nothing', async () => {
    const { iss: _, ...payload } = goodParts(key).payload
    const raw = `{"__proto__":{"iss":"${ISSUER}"},${JSON.stringify(payload).slice(1)}`
    expect(await verdictOf(key, { rawPayload: raw })).toBe('claim')
    const header = `{"__proto__":{"typ":"at+jwt"},"alg":"ES256","kid":"${key.signing.kid}"}`
    expect(await verdictOf(key, { rawHeader: header })).toBe('type')
  })

  test('a claim is of the token itself, even if something has spoiled all objects', async () => {
    Object.defineProperty(Object.prototype, 'client_id', { value: 'mallory', configurable: true })
    try {
      expect(await verdictOf(key, { payload: { client_id: undefined } })).toBe('claim')
    } finally {
      Reflect.deleteProperty(Object.prototype, 'client_id')
    }
  })
})
