import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSealer } from './index.ts'
import { segment } from './issuer.fixture.ts'
import { deriveSecret } from './secrets.ts'

// The seed is stated, so that what fails once fails again.
const SEED = 7516
const SECRETS = ['first', 'second', 'third', 'fourth'].map((name) => `the ${name} secret, with 32 characters`)
const [SECRET = ''] = SECRETS

// Every UTF-16 unit, halves of pairs among them: JSON writes those as escapes.
const anyText = fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units))
const longText = fc
  .tuple(fc.string({ unit: 'grapheme' }), fc.nat(9_000))
  .map(([text, times]) => text.repeat(times))
const content: fc.Arbitrary<object> = fc.oneof(
  fc.dictionary(anyText, fc.jsonValue({ maxDepth: 3 })),
  fc.array(fc.jsonValue({ maxDepth: 3 })),
  fc.record({ long: longText }),
)

// What always fits: 8192 characters of an envelope, less its header, as bytes.
const ALWAYS_FITS_BYTES = 6_000

test.each([false, true])(
  'what was sealed opens to the same JSON, or it was said that it is too large, compress: %s',
  { timeout: 60_000 },
  async (compress) => {
    const sealer = createSealer({ secrets: [SECRET], purpose: 'session', compress })
    let opened = 0
    let refused = 0
    await fc.assert(
      fc.asyncProperty(content, async (value) => {
        const json = JSON.stringify(value)
        const envelope = await sealer.seal(value).catch((error: unknown) => error)
        if (typeof envelope === 'string') {
          expect(JSON.stringify(await sealer.open(envelope))).toBe(json)
          opened += 1
        } else {
          expect(envelope).toBeInstanceOf(RangeError)
          expect(new TextEncoder().encode(json).length).toBeGreaterThan(ALWAYS_FITS_BYTES)
          refused += 1
        }
      }),
      { seed: SEED, numRuns: 500 },
    )
    expect([opened > 300, refused > 10]).toEqual([true, true])
  },
)

const ring = fc.shuffledSubarray(SECRETS, { minLength: 1 })

test('an envelope opens with each ring that holds the secret it was sealed with, in any order, and with no other', {
  timeout: 60_000,
}, async () => {
  const found = { opened: 0, closed: 0 }
  await fc.assert(
    fc.asyncProperty(ring, ring, fc.boolean(), async (sealing, opening, compress) => {
      const sealer = createSealer({ secrets: sealing, purpose: 'session', compress })
      const opener = createSealer({ secrets: opening, purpose: 'session', compress })
      const isHeld = opening.includes(sealing[0] ?? '')
      expect(await opener.open(await sealer.seal({ user: 'alice' }))).toEqual(
        isHeld ? { user: 'alice' } : null,
      )
      found[isHeld ? 'opened' : 'closed'] += 1
    }),
    { seed: SEED, numRuns: 300 },
  )
  expect(Math.min(...Object.values(found))).toBeGreaterThan(50)
})

// Near misses beside any text: what differs by a space, a case or a word of the derivation itself.
const purpose = fc.oneof(
  fc.constantFrom('session', 'Session', 'session ', 'session key', 'session id', 'key', ''),
  fc.string({ unit: 'binary' }),
)
const secret = fc.oneof(
  fc.constantFrom(SECRET, `${SECRET} `, ` ${SECRET}`, SECRET.toUpperCase()),
  fc.string({ unit: 'binary', minLength: 32, maxLength: 40 }),
)

test('an envelope opens for the same secret and the same purpose, and for no other two (BF-4)', {
  timeout: 60_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(purpose, purpose, secret, secret, async (one, other, mine, yours) => {
      const envelope = await createSealer({ secrets: [mine], purpose: one }).seal({ user: 'alice' })
      for (const [key, use] of [
        [mine, one],
        [mine, other],
        [yours, one],
        [yours, other],
      ] as const) {
        const isSame = key === mine && use === one
        const opened = await createSealer({ secrets: [key], purpose: use }).open(envelope)
        expect(opened, `${key} for ${use}`).toEqual(isSame ? { user: 'alice' } : null)
      }
    }),
    { seed: SEED, numRuns: 200 },
  )
})

test.each([false, true])(
  'no text that was made up opens, and none makes it throw, compress: %s',
  { timeout: 60_000 },
  async (compress) => {
    const sealer = createSealer({ secrets: [SECRET], purpose: 'session', compress })
    const { kid } = await deriveSecret(SECRET, 'session')
    const part = fc.uint8Array({ maxLength: 40 }).map(segment)
    const header = fc.oneof(
      fc.constant(segment({ alg: 'dir', enc: 'A256GCM', kid })), // as ours, so that everything behind it is looked at
      fc.jsonValue().map((value) => segment(JSON.stringify(value))),
      part,
    )
    const ofFiveParts = fc
      .tuple(header, fc.oneof(fc.constant(''), part), part, part, part)
      .map((parts) => parts.join('.'))
    const otherwise = fc.array(part, { maxLength: 7 }).map((parts) => parts.join('.'))
    await fc.assert(
      fc.asyncProperty(fc.oneof(anyText, ofFiveParts, otherwise, longText), async (text) => {
        expect(await sealer.open(text)).toBeNull()
      }),
      { seed: SEED, numRuns: 1_000 },
    )
  },
)
