import fc from 'fast-check'
import { expect, test } from 'vitest'
import { remember } from './remembered.ts'

// The seed is stated, so that what fails once fails again.
const SEED = 2024
const RUNS = 1_000

const END = 'an end in common, longer than the part of a text that is hashed'
const ALIKE = ['', '1', '2', '3', '4'].map((start) => start + END)
const SHORT = ['a', 'b', 'c', 'd', 'e', 'f']

interface Step {
  act: 'set' | 'get' | 'forget' | 'clear'
  text: string
  afterSeconds: number
  lifeSeconds: number
  /** A look leaves a mark on an entry, so not everything that was set is looked at. */
  isLookedAt: boolean
}

const lives = (texts: string[]): fc.Arbitrary<Step[]> => {
  const often = fc.constantFrom<Step['act']>('set', 'get')
  const rarely = fc.constantFrom<Step['act']>('forget', 'forget', 'clear')
  const step = fc.record({
    act: fc.oneof({ weight: 8, arbitrary: often }, rarely),
    text: fc.constantFrom(...texts),
    afterSeconds: fc.nat(4),
    lifeSeconds: fc.integer({ min: -1, max: 20 }),
    isLookedAt: fc.boolean(),
  })
  return fc.array(step, { maxLength: 100, size: 'max' })
}

/** A memory, and beside it the plainest one there is: a map of all that was set. */
function both(most: number) {
  const memory = remember<number>(most)
  const plain = new Map<string, { value: number; endsAt: number }>()
  let now = 0
  let made = 0
  return {
    memory,
    plain,
    isAlive: (text: string) => (plain.get(text)?.endsAt ?? 0) > now,
    take({ act, text, afterSeconds, lifeSeconds }: Step): void {
      now += afterSeconds
      const endsAt = now + lifeSeconds
      if (act === 'set') {
        made += 1
        memory.set(text, made, endsAt, now)
        plain.set(text, { value: made, endsAt })
      } else if (act === 'forget') {
        memory.forget(text)
        plain.delete(text)
      } else if (act === 'clear') {
        memory.clear()
        plain.clear()
      }
    },
  }
}

test('a memory never holds more than it may, and gives back what was last set for exactly this text, or nothing', {
  timeout: 60_000,
}, () => {
  const answers = { nothing: 0, right: 0 }
  fc.assert(
    fc.property(fc.nat(6), lives([...ALIKE, ...SHORT]), (most, life) => {
      const { memory, plain, take } = both(most)
      for (const step of life) {
        take(step)
        if (memory.size() > most) throw new Error(`holds ${memory.size()} of ${most}`)
        if (step.act === 'set' && !step.isLookedAt) continue
        const found = memory.get(step.text)
        if (found !== undefined && found !== plain.get(step.text)?.value) throw new Error('was never set')
        if (found === undefined && step.act === 'set' && most > 0) throw new Error('was forgotten at once')
        answers[found === undefined ? 'nothing' : 'right'] += 1
      }
    }),
    { seed: SEED, numRuns: RUNS },
  )
  expect(Math.min(...Object.values(answers))).toBeGreaterThan(RUNS)
})

test('while there is room, a memory forgets nothing that has not ended', { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(lives(SHORT), (life) => {
      const { memory, plain, isAlive, take } = both(SHORT.length)
      for (const step of life) {
        take(step)
        const lost = SHORT.filter((text) => isAlive(text) && memory.get(text) !== plain.get(text)?.value)
        if (lost.length > 0) throw new Error(`forgot ${lost}`)
      }
    }),
    { seed: SEED, numRuns: RUNS },
  )
})
