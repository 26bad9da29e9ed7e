import { messages } from './messages.ts'

const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const

/** A moment in plain words as seen from `now`, in the page's language: "12 seconds ago", "in 8 hours", "now". */
export function relativeTime(at: Date, now: Date): string {
  return inWords((at.getTime() - now.getTime()) / 1000, Math.trunc)
}

/** How long to wait, in plain words. Rounded up: who comes back then is not too early. */
export function waitingTime(seconds: number): string {
  return inWords(seconds, Math.ceil)
}

/** What is said to who has tried too often. */
export function tooManyTries(retryAfterSeconds = 0): string {
  const { tooMany, tooManyUntil } = messages().login.errors
  return retryAfterSeconds ? tooManyUntil(waitingTime(retryAfterSeconds)) : tooMany
}

function inWords(seconds: number, round: (amount: number) => number): string {
  const whole = round(seconds)
  const [unit, size] = UNITS.find(([, size]) => Math.abs(whole) >= size) ?? (['second', 1] as const)
  const words = new Intl.RelativeTimeFormat(messages().language, { numeric: 'auto' })
  return words.format(round(whole / size), unit)
}
