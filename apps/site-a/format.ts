import { messages } from './messages.ts'

const { language } = messages()
const money = new Intl.NumberFormat(language, { style: 'currency', currency: 'EUR' })
const day = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' })
const clock = new Intl.DateTimeFormat(language, { timeStyle: 'medium', timeZone: 'UTC', hourCycle: 'h23' })
const number = new Intl.NumberFormat(language)
const relative = new Intl.RelativeTimeFormat(language)

export const price = (cents: number): string => money.format(cents / 100)
export const date = (at: Date): string => day.format(at)
export const time = (at: Date): string => `${clock.format(at)} UTC`
export const count = (value: number): string => number.format(value)

/** "12 seconds ago", in the largest unit that fits. */
export function ago(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  if (whole < 60) return relative.format(-whole, 'second')
  if (whole < 3600) return relative.format(-Math.floor(whole / 60), 'minute')
  if (whole < 86_400) return relative.format(-Math.floor(whole / 3600), 'hour')
  return relative.format(-Math.floor(whole / 86_400), 'day')
}

/** "ends in 4 min 12 s", or that it has ended. */
export function endsIn(seconds: number): string {
  const { time } = messages()
  return seconds <= 0 ? time.ended : time.endsIn(Math.floor(seconds / 60), Math.floor(seconds % 60))
}
