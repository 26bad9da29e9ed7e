import { expect, test } from 'vitest'
import { relativeTime, waitingTime } from './times.ts'

const now = new Date('2026-11-23T10:00:00Z')

test.each([
  [0, 'now'],
  [-12, '12 seconds ago'],
  [-1, '1 second ago'],
  [59.6, 'in 59 seconds'],
  [-3_599, '59 minutes ago'],
  [28_800, 'in 8 hours'],
  [86_400 * 14, 'in 14 days'],
])('%d seconds from now reads "%s"', (seconds, words) => {
  expect(relativeTime(new Date(now.getTime() + seconds * 1000), now)).toBe(words)
})

test.each([
  [0.2, 'in 1 second'],
  [30, 'in 30 seconds'],
  [59.2, 'in 1 minute'],
  [90, 'in 2 minutes'],
])('a wait of %d seconds is over "%s", never earlier', (seconds, words) => {
  expect(waitingTime(seconds)).toBe(words)
})
