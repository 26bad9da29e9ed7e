import { messages } from './messages.ts'

const LANGUAGE = 'en-GB'
const relative = new Intl.RelativeTimeFormat(LANGUAGE, { numeric: 'always' })
const day = new Intl.DateTimeFormat(LANGUAGE, {
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  timeZone: 'UTC',
})

/** "12 seconds ago", "3 minutes ago", "2 hours ago": the largest unit that fits. */
export function ago(at: Date, now: Date): string {
  const seconds = Math.max(0, Math.round((now.getTime() - at.getTime()) / 1000))
  if (seconds < 60) return relative.format(-seconds, 'second')
  if (seconds < 3_600) return relative.format(-Math.floor(seconds / 60), 'minute')
  return relative.format(-Math.floor(seconds / 3_600), 'hour')
}

/** "in 4 min 12 s", or that it is over. */
export function left(until: Date, now: Date): string {
  const seconds = Math.ceil((until.getTime() - now.getTime()) / 1000)
  return seconds > 0 ? messages().time.in(Math.floor(seconds / 60), seconds % 60) : messages().time.over
}

/** "12 August 2026" in the reader's words; UTC, so that server and browser agree. */
export const date = (iso: string): string => day.format(new Date(iso))

export const count = (value: number): string => new Intl.NumberFormat(LANGUAGE).format(value)
