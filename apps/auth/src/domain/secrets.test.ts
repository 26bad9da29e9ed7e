import { expect, test } from 'vitest'
import { createMacRing, randomId, randomSecret } from './secrets.ts'

test('an id has 128 bits, and no two are alike, over many fillings of the pool', () => {
  const ids = Array.from({ length: 5_000 }, randomId)
  expect(ids.every((id) => /^[\w-]{21}[AQgw]$/.test(id))).toBe(true)
  expect(new Set(ids).size).toBe(ids.length)
  // Halves too: a pool that is read at the wrong place gives the second half of one id as the first of the next.
  const bytes = ids.map((id) => Buffer.from(id, 'base64url'))
  const halves = bytes.flatMap((of) => [of.toString('hex', 0, 8), of.toString('hex', 8)])
  expect(new Set(halves).size).toBe(halves.length)
  // Every bit is one as often as it is zero: within 8 standard deviations of 5,000 tosses.
  for (let bit = 0; bit < 128; bit++) {
    const ones = bytes.filter((of) => ((of[bit >> 3] ?? 0) >> (bit & 7)) & 1).length
    expect(Math.abs(ones - 2_500), `bit ${bit}`).toBeLessThan(283)
  }
})

test('a secret has 256 bits', () => {
  expect(randomSecret()).toMatch(/^[\w-]{42}[AEIMQUYcgkosw048]$/)
})

const older = 'the older secret of 32 characters!'
const newer = 'the newer secret of 32 characters!'

test('a mac fits its content, its purpose and its ring, and nothing else', () => {
  const ring = createMacRing([older], 'a purpose')
  const mac = ring.make('content')
  expect(ring.fits('content', mac)).toBe(true)
  for (const wrong of [
    '',
    mac.slice(1),
    `${mac}A`,
    mac.replace(/^./, (first) => (first === 'A' ? 'B' : 'A')),
  ])
    expect(ring.fits('content', wrong)).toBe(false)
  expect(ring.fits('Content', mac)).toBe(false)
  expect(createMacRing([older], 'another purpose').fits('content', mac)).toBe(false)
  expect(createMacRing([newer], 'a purpose').fits('content', mac)).toBe(false)
  expect(() => createMacRing([], 'a purpose')).toThrow(TypeError)
})

test('a new secret in front makes the macs, and those of the old one still fit', () => {
  const before = createMacRing([older], 'a purpose').make('content')
  const rotated = createMacRing([newer, older], 'a purpose')
  expect(rotated.fits('content', before)).toBe(true)
  expect(createMacRing([newer], 'a purpose').fits('content', rotated.make('content'))).toBe(true)
})
