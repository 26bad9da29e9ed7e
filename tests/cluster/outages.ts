import { openTownBehindClock } from './clocks.jumps.ts'
import type { Fault } from './fault.ts'
import { answerLost, wrongAnswer } from './outages.answers.ts'
import { goneAndBack, openTownWithoutRelay, slow } from './outages.auth.ts'
import { neverTold, siteDown } from './outages.logout.ts'
import { unreachable } from './outages.tls.ts'
import { openTown } from './town.ts'

const ONE_DATABASE = { processes: 1, on: ['SQLite'] } as const

export const OUTAGES: readonly Fault[] = [
  {
    id: 'F-100 F-102',
    does: 'auth is killed, tokens run out meanwhile, and it comes back on the same database',
    rounds: { short: 1, long: 10 },
    ...ONE_DATABASE,
    open: openTownWithoutRelay,
    play: goneAndBack,
  },
  {
    id: 'F-101',
    does: 'auth hangs, takes 3 s, takes 10 s: 20 people open pages and call an API, 20 click on the login link, all at once',
    rounds: { long: 3 },
    ...ONE_DATABASE,
    open: openTownBehindClock(),
    play: slow,
  },
  {
    id: 'F-103',
    does: 'a site is killed, somebody signs out everywhere at the other one, and it starts again',
    rounds: { short: 1, long: 10 },
    ...ONE_DATABASE,
    open: (databases) => openTown(databases),
    play: siteDown,
  },
  {
    id: 'F-104',
    does: 'the answer to a code or to a refresh token gets lost after auth has written it down',
    rounds: { long: 10 },
    ...ONE_DATABASE,
    open: openTownBehindClock(),
    play: answerLost,
  },
  {
    id: 'F-105',
    does: 'auth answers a gzip bomb of 300 MB, half of a JSON, a page, plain text, nothing, another object, less than it announced',
    rounds: { long: 7 },
    ...ONE_DATABASE,
    open: (databases) => openTown(databases),
    play: wrongAnswer,
  },
  {
    id: 'F-106',
    does: 'a site reaches auth by a name that nobody has, at a port where nobody listens, with a certificate that has expired, is of another name, or of nobody it knows',
    rounds: { long: 1 },
    ...ONE_DATABASE,
    open: (databases) => openTown(databases),
    play: unreachable,
  },
  {
    id: 'F-107',
    does: 'no logout token ever arrives at a site; every second time it cannot have the status list either',
    rounds: { long: 6 },
    ...ONE_DATABASE,
    open: openTownBehindClock(),
    play: neverTold,
  },
]
