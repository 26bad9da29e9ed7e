import { expect, test } from 'vitest'
import { planRotation, type RotatingKey, type RotationPolicy } from './index.ts'
import { NOON } from './issuer.fixture.ts'

const HOUR = 3600
const policy: RotationPolicy = {
  currentSeconds: 30 * 24 * HOUR,
  publishedSeconds: 2 * HOUR,
  retiringSeconds: 4 * HOUR,
}

/** What has gone wrong, by name. A year has many hours, so the tests collect and look once. */
type Faults = Set<string>

/** A server that rotates whenever `isAwake`, watched every hour of a year. */
function watchAYear(
  isAwake: (hour: number) => boolean,
  watch: (keys: readonly RotatingKey[], now: Date, faults: Faults) => void,
): Faults {
  const faults: Faults = new Set()
  let keys: RotatingKey[] = []
  let made = 0
  for (let hour = 0; hour < 365 * 24; hour++) {
    const now = new Date(NOON.getTime() + hour * HOUR * 1000)
    if (hour === 0 || isAwake(hour)) keys = carryOut(keys, now, () => `key-${made++}`, faults)
    watch(keys, now, faults)
  }
  return faults
}

function carryOut(
  keys: readonly RotatingKey[],
  now: Date,
  name: () => string,
  faults: Faults = new Set(),
): RotatingKey[] {
  let after = [...keys]
  const enter = (id: string, state: RotatingKey['state']) => {
    after = after.map((key) => (key.id === id ? { id, state, since: now } : key))
  }
  for (const step of planRotation(keys, now, policy)) {
    if (step.step === 'add') after.push({ id: name(), state: step.state, since: now })
    else if (step.step === 'drop') after = after.filter(({ id }) => id !== step.id)
    else enter(step.id, step.step === 'promote' ? 'current' : 'retiring')
    if (count(after, 'current') > 1) faults.add('two current keys between two steps')
  }
  return after
}

const count = (keys: readonly RotatingKey[], wanted: RotatingKey['state']) =>
  keys.filter(({ state }) => state === wanted).length

const naps = {
  'that never sleeps': () => true,
  'that runs once a day': (hour: number) => hour % 24 === 0,
  'that is off for weeks at a time': (hour: number) => hour % 1000 > 500 && hour % 7 === 0,
}

test.each(Object.entries(naps))('a server %s has one current key at every hour of a year', (_, isAwake) => {
  const used = new Set<string>()
  const faults = watchAYear(isAwake, (keys, _now, seen) => {
    if (count(keys, 'current') !== 1) seen.add(`${count(keys, 'current')} current keys`)
    if (count(keys, 'next') !== 1) seen.add(`${count(keys, 'next')} next keys`)
    if (keys.length > 3) seen.add('more than three keys')
    used.add(keys.find(({ state }) => state === 'current')?.id ?? '')
  })
  expect([...faults]).toEqual([])
  expect(used.size).toBeGreaterThan(4)
})

test('a key is published for as long as caches live before it signs, except for the very first (JW-26, F-56)', () => {
  const publishedAt = new Map<string, number>()
  const faults = watchAYear(naps['that runs once a day'], (keys, now, seen) => {
    for (const { id, state, since } of keys) {
      const published = publishedAt.get(id) ?? now.getTime()
      publishedAt.set(id, published)
      const isEarly = since.getTime() - published < policy.publishedSeconds * 1000
      if (state === 'current' && id !== 'key-0' && isEarly) seen.add(`${id} signed too early`)
    }
  })
  expect([...faults]).toEqual([])
  expect(publishedAt.size).toBeGreaterThan(10)
})

test('a key stays published until every token it signed has ended, then it goes (JW-26)', () => {
  const lastSignedAt = new Map<string, number>()
  const faults = watchAYear(naps['that never sleeps'], (keys, now, seen) => {
    for (const [id, signedAt] of lastSignedAt) {
      const isPublished = keys.some((key) => key.id === id)
      const hours = (now.getTime() - signedAt) / 1000 / HOUR
      if (hours <= 4 && !isPublished) seen.add(`${id} went after ${hours} hours`)
      if (hours > 5 && isPublished) seen.add(`${id} stayed for ${hours} hours`)
    }
    for (const { id, state } of keys) if (state === 'current') lastSignedAt.set(id, now.getTime())
  })
  expect([...faults]).toEqual([])
  expect(lastSignedAt.size).toBe(13)
})

test('a next key that was published too short a while ago waits, even if the current one is overdue', () => {
  const at = (hours: number) => new Date(NOON.getTime() - hours * HOUR * 1000)
  const keys: RotatingKey[] = [
    { id: 'old', state: 'current', since: at(9999) },
    { id: 'new', state: 'next', since: at(1.9) },
  ]
  expect(planRotation(keys, NOON, policy)).toEqual([])
  expect(planRotation(keys, new Date(NOON.getTime() + 0.1 * HOUR * 1000), policy)).toEqual([
    { step: 'retire', id: 'old' },
    { step: 'promote', id: 'new' },
    { step: 'add', state: 'next' },
  ])
})

test('without a current key the next one steps in at once: no key at all would be worse', () => {
  expect(planRotation([{ id: 'next', state: 'next', since: NOON }], NOON, policy)).toEqual([
    { step: 'promote', id: 'next' },
    { step: 'add', state: 'next' },
  ])
  expect(planRotation([], NOON, policy)).toEqual([
    { step: 'add', state: 'current' },
    { step: 'add', state: 'next' },
  ])
})

test('what is done is not done again', () => {
  let made = 0
  const keys = carryOut([], NOON, () => `${made++}`)
  expect(planRotation(keys, NOON, policy)).toEqual([])
})
