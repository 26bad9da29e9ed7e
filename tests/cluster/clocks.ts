import { circles } from './clocks.circles.ts'
import {
  backByAnHour,
  openBehindClock,
  openTownBehindClock,
  overTheMoment,
  sleeps,
  type Timed,
} from './clocks.jumps.ts'
import { apart } from './clocks.skew.ts'
import type { Fault } from './fault.ts'
import { openTown, type Town } from './town.ts'

const ONE_DATABASE = { processes: 1, on: ['SQLite'] } as const

const MOMENTS: readonly { name: string; at: string; zone?: string }[] = [
  { name: 'the end of 32 bits in 2038', at: '2038-01-19T03:14:08Z' },
  { name: 'the leap second of 2016', at: '2017-01-01T00:00:00Z' },
  { name: 'the spring night that lacks an hour', at: '2027-03-28T01:00:00Z', zone: 'Europe/Berlin' },
  { name: 'the autumn night that has an hour twice', at: '2026-10-25T01:00:00Z', zone: 'Europe/Berlin' },
]

export const CLOCKS: readonly Fault[] = [
  {
    id: 'F-40',
    does: 'a site whose clock is off by so much that it is borne, or just not: logins, pages and calls of its API',
    rounds: { short: 2, long: 9 },
    ...ONE_DATABASE,
    open: (databases) => openTown(databases),
    play: apart,
  },
  {
    id: 'F-41',
    does: 'the clock of a process is set back by an hour while people are signed in, its sweep runs, and the clock is put right again',
    rounds: { short: 3, long: 30 },
    ...ONE_DATABASE,
    open: openBehindClock,
    play: backByAnHour,
  },
  {
    id: 'F-43',
    does: 'auth and a site are stopped (SIGSTOP) and go on (SIGCONT) when it is two hours later',
    rounds: { long: 5 },
    ...ONE_DATABASE,
    open: openTownBehindClock(),
    play: sleeps,
  },
  ...MOMENTS.map(
    ({ name, at, zone }): Fault => ({
      id: 'F-44',
      does: `a login before ${name}, and pages, refresh and logout after it`,
      rounds: { long: 1 },
      ...ONE_DATABASE,
      open: (databases) =>
        openTownBehindClock((Date.parse(at) - Date.now()) / 1000 - 60, zone ? { TZ: zone } : {})(databases),
      play: (town: Town & Timed, _rounds, tally) => overTheMoment(town, new Date(at), tally),
    }),
  ),
  {
    id: 'F-45',
    does: 'two processes of one site that do not share SESSION_SECRET, a browser that loses the session cookie, a site that lives six minutes ahead',
    rounds: { long: 10 },
    ...ONE_DATABASE,
    open: (databases) => openTown(databases),
    play: circles,
  },
]
