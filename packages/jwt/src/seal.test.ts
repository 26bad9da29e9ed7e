import { createCipheriv, randomBytes } from 'node:crypto'
import { deflateRawSync } from 'node:zlib'
import { CompactEncrypt } from 'jose'
import { describe, expect, test } from 'vitest'
import { createSealer } from './index.ts'
import { withCharacter } from './issuer.fixture.ts'
import { deriveSecret } from './secrets.ts'

const older = 'the older secret of 32 characters!'
const newer = 'the newer secret of 32 characters!'
const session = { user: 'alice', name: 'Ålice 🌳', scope: ['openid'], at: 1_795_435_200 }

describe.each([false, true])('a sealer, compress: %s', (compress) => {
  const sealer = createSealer({ secrets: [older], purpose: 'session', compress })

  test('opens what it sealed, and nobody can read it without the secret', async () => {
    const envelope = await sealer.seal(session)
    expect(await sealer.open(envelope)).toEqual(session)
    const readable = envelope
      .split('.')
      .map((part) => Buffer.from(part, 'base64url').toString('latin1'))
      .join()
    expect(readable).not.toContain('alice')
    expect(await sealer.seal(session)).not.toBe(envelope)
  })

  test('does not open what was sealed for another purpose or with another secret', async () => {
    const envelope = await sealer.seal(session)
    expect(await createSealer({ secrets: [older], purpose: 'login', compress }).open(envelope)).toBeNull()
    expect(await createSealer({ secrets: [newer], purpose: 'session', compress }).open(envelope)).toBeNull()
    expect(
      await createSealer({ secrets: [older], purpose: 'session', compress: !compress }).open(envelope),
    ).toBeNull()
  })

  test('does not open what was changed at any one character, unused bits included', async () => {
    const envelope = await sealer.seal({ user: 'alice' })
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    for (let place = 0; place < envelope.length; place++) {
      const character = envelope[place] ?? ''
      const isLast = [undefined, '.'].includes(envelope[place + 1])
      const twins = isLast ? [...alphabet] : ['A', 'w', '.', '=']
      for (const twin of twins.filter((candidate) => candidate !== character)) {
        expect(await sealer.open(withCharacter(envelope, place, twin)), `${place} ${twin}`).toBeNull()
      }
    }
  })

  test('a new secret in front seals, and the old one still opens (ring)', async () => {
    const before = await sealer.seal(session)
    const rotated = createSealer({ secrets: [newer, older], purpose: 'session', compress })
    expect(await rotated.open(before)).toEqual(session)
    const after = await rotated.seal(session)
    expect(await createSealer({ secrets: [newer], purpose: 'session', compress }).open(after)).toEqual(
      session,
    )
    expect(await sealer.open(after)).toBeNull()
  })

  test.each(['', '.', '....', 'a.b.c', 'a..b.c.d', ' ', '\0', 'x'.repeat(9000)])(
    '%j is not ours',
    async (text) => {
      expect(await sealer.open(text)).toBeNull()
    },
  )

  test('white space and padding around an envelope are not ours', async () => {
    const envelope = await sealer.seal(session)
    for (const text of [
      ` ${envelope}`,
      `${envelope}\n`,
      `${envelope}=`,
      `${envelope}.`,
      envelope.replace('.', '=.'),
    ]) {
      expect(await sealer.open(text)).toBeNull()
    }
  })

  test('what could not be opened again is not sealed', async () => {
    await expect(sealer.seal({ noise: randomBytes(8000).toString('hex') })).rejects.toThrow(RangeError)
    await expect(sealer.seal({ zeros: '0'.repeat(70_000) })).rejects.toThrow(RangeError)
  })
})

test('a small envelope cannot fill the memory (size bomb)', async () => {
  const bomb = deflateRawSync(Buffer.alloc(5_000_000, 0x20))
  const { kid, bits } = await deriveSecret(older, 'session')
  const envelope = await new CompactEncrypt(bomb)
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid })
    .encrypt(bits)
  expect(envelope.length).toBeLessThan(8192)
  const sealer = createSealer({ secrets: [older], purpose: 'session', compress: true })
  const before = process.memoryUsage().arrayBuffers
  expect(await sealer.open(envelope)).toBeNull()
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2_000_000)
})

test.each([
  { alg: 'A256GCMKW', enc: 'A256GCM' },
  { alg: 'dir', enc: 'A256CBC-HS512' },
])('an envelope of another algorithm is not ours (JW-20): %j', async ({ alg, enc }) => {
  const { kid, bits } = await deriveSecret(older, 'session')
  const key = enc === 'A256GCM' ? bits : new Uint8Array([...bits, ...bits])
  const envelope = await new CompactEncrypt(Buffer.from('{}'))
    .setProtectedHeader({ alg, enc, kid })
    .encrypt(key)
  expect(await createSealer({ secrets: [older], purpose: 'session' }).open(envelope)).toBeNull()
})

test.each([
  [{ alg: 'dir', enc: 'A256GCM' }, true],
  [{ alg: 'dir', enc: 'A256GCM', crit: ['exp'] }, false],
  [{ alg: 'RSA1_5', enc: 'A256GCM' }, false],
  [{ alg: 'PBES2-HS256+A128KW', enc: 'A256GCM', p2c: 2 ** 31, p2s: 'AAAA' }, false],
  [{ alg: 'none', enc: 'A256GCM' }, false],
  [{ enc: 'A256GCM' }, false],
  [{ alg: 'dir', enc: 'A256GCM', zip: 'DEF' }, false],
])('genuinely encrypted, an envelope whose header says %j opens: %s (JW-20)', async (header, isOurs) => {
  const { kid, bits } = await deriveSecret(older, 'session')
  const name = Buffer.from(JSON.stringify({ ...header, kid })).toString('base64url')
  const cipher = createCipheriv('aes-256-gcm', bits, Buffer.alloc(12)).setAAD(Buffer.from(name))
  const json = JSON.stringify(session)
  const content = 'zip' in header ? deflateRawSync(json) : Buffer.from(json)
  const encrypted = Buffer.concat([cipher.update(content), cipher.final()])
  const parts = [Buffer.alloc(12), encrypted, cipher.getAuthTag()].map((part) => part.toString('base64url'))
  const opened = await createSealer({ secrets: [older], purpose: 'session' }).open(
    `${name}..${parts.join('.')}`,
  )
  expect(opened).toEqual(isOurs ? session : null)
})

test('a blank or short secret seals nothing and opens nothing (JA-7)', async () => {
  for (const secrets of [[''], ['secret'], [older, '']]) {
    const sealer = createSealer({ secrets, purpose: 'session' })
    await expect(sealer.seal(session)).rejects.toThrow('at least 32 characters')
    await expect(sealer.open('AA..AA.AA.AA')).rejects.toThrow('at least 32 characters')
  }
  await expect(createSealer({ secrets: [], purpose: 'session' }).seal(session)).rejects.toThrow(
    'at least one secret',
  )
})
