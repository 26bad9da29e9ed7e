// For test suites alone. Vitest is a devDependency here and of everyone who runs this: nothing of it comes with `@grove/jwt` itself.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ReplayStore } from '../src/replay.ts'

/** Opens an empty store that tells the time by this clock. */
export type OpenReplayStore = (now: () => Date) => Promise<{ store: ReplayStore; close(): Promise<void> }>

const NOON = new Date('2026-11-23T12:00:00Z').getTime()
const at = (seconds: number) => new Date(NOON + seconds * 1000)
const fifty = (spend: () => Promise<boolean>) => Promise.all(Array.from({ length: 50 }, spend))
const winners = (wins: boolean[]) => wins.filter(Boolean).length

// Each is another name for whoever compares characters, and the same as one beside it for whoever does something cleverer.
const STRANGE_NAMES = [
  '',
  ' ',
  'a',
  'A',
  'a ',
  'a\0',
  'a\0b',
  'a\0c',
  '\0',
  '0',
  '00',
  '0.0',
  'null',
  'undefined',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'x'.repeat(254),
  'x'.repeat(255),
  `${'x'.repeat(254)}y`,
  '\u00e9',
  'e\u0301',
  'Straße 🌳 \u202e木',
  '%',
  '_',
  '*',
  '?',
  '$1',
  "'",
  '"',
  `'); DELETE FROM "UsedToken"; --`,
  "' OR '1'='1",
  '../../etc/passwd',
]

/**
 * What every `ReplayStore` promises. A `jti` is used from the moment somebody spent it until the `expiresAt` that he named, and
 * not a moment longer: from then on it is as new. Later calls change nothing about that. What has expired cannot be spent.
 */
export function replayStoreContract(name: string, open: OpenReplayStore): void {
  describe(`a replay store ${name}`, () => {
    let clock: number
    let opened: Awaited<ReturnType<OpenReplayStore>>
    const spend = (jti: string, expiresAt: Date) => opened.store.spend(jti, expiresAt)
    beforeEach(async () => {
      clock = NOON
      opened = await open(() => new Date(clock))
    })
    afterEach(() => opened.close())

    test('of fifty callers at once one is first, for each jti on its own', async () => {
      const jtis = ['a', 'b', 'c']
      const wins = await Promise.all(jtis.map((jti) => fifty(() => spend(jti, at(60)))))
      expect(wins.map(winners)).toEqual([1, 1, 1])
    })

    test('another jti is untouched', async () => {
      expect(await spend('a', at(60))).toBe(true)
      expect(await spend('b', at(60))).toBe(true)
      expect([await spend('a', at(60)), await spend('b', at(60))]).toEqual([false, false])
    })

    test('used until it expires, and not a moment longer; then again by one of fifty', async () => {
      expect(await spend('a', at(60))).toBe(true)
      clock = at(59.999).getTime()
      expect(winners(await fifty(() => spend('a', at(120))))).toBe(0)
      clock = at(60).getTime()
      expect(winners(await fifty(() => spend('a', at(120))))).toBe(1)
      clock = at(119.999).getTime()
      expect(await spend('a', at(180))).toBe(false)
    })

    test('a call that came too late neither prolongs nor shortens the time that it is used', async () => {
      expect(await spend('a', at(60))).toBe(true)
      for (const seconds of [30, 300]) expect(await spend('a', at(seconds))).toBe(false)
      clock = at(59).getTime()
      expect(await spend('a', at(120))).toBe(false)
      clock = at(60).getTime()
      expect(await spend('a', at(120))).toBe(true)
    })

    test('what has expired cannot be spent, by nobody and not twice, and is not used by that', async () => {
      for (const seconds of [0, -0.001, -86_400]) {
        expect(winners(await fifty(() => spend('a', at(seconds))))).toBe(0)
      }
      expect(await spend('a', at(0.001))).toBe(true)
    })

    test('a jti is a name and nothing else: every one is used once, and none stands for another', async () => {
      const first: boolean[] = []
      for (const jti of STRANGE_NAMES) first.push(await spend(jti, at(60)))
      expect(STRANGE_NAMES.filter((_, n) => !first[n])).toEqual([])
      const second: boolean[] = []
      for (const jti of STRANGE_NAMES) second.push(await spend(jti, at(60)))
      expect(STRANGE_NAMES.filter((_, n) => second[n])).toEqual([])
    })
  })
}
