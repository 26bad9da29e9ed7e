import type { Fault } from './fault.ts'
import { logoutAgainstLogin, manyPeople, oneName, twice } from './races.logins.ts'
import { oneCode, oneRefreshToken, oneSpentToken, refreshAgainstLogout } from './races.tokens.ts'

const over = 'over two processes'
export const RACES: readonly Fault[] = [
  {
    id: 'F-30',
    does: `30 people log in at once, each with four requests in parallel, ${over}`,
    rounds: { short: 1, long: 10 },
    processes: 2,
    play: manyPeople,
  },
  {
    id: 'F-31 F-23 X-15',
    does: `50 redemptions of one code at the same moment, ${over}`,
    rounds: { short: 2, long: 100 },
    processes: 2,
    play: oneCode,
  },
  {
    id: 'F-32',
    does: `50 refreshes with one used token, without a grace, at the same moment, ${over}`,
    rounds: { long: 50 },
    processes: 1,
    play: oneSpentToken,
  },
  {
    id: 'F-33',
    does: `50 refreshes with one token at the same moment, ${over}, and one when the grace is over`,
    rounds: { short: 2, long: 100 },
    processes: 2,
    play: oneRefreshToken,
  },
  {
    id: 'F-34',
    does: `a refresh and a logout at the same moment, ${over}`,
    rounds: { short: 10, long: 100 },
    processes: 2,
    play: refreshAgainstLogout,
  },
  {
    id: 'F-37',
    does: `one login form sent twice, one pushed request opened twice, ${over}`,
    rounds: { short: 5, long: 100 },
    processes: 2,
    play: twice,
  },
  {
    id: 'F-38',
    does: `a logout and another login of the same person at the same moment, ${over}`,
    rounds: { short: 10, long: 100 },
    processes: 2,
    play: logoutAgainstLogin,
  },
  {
    id: 'F-39',
    does: `50 people register one email at the same moment, ${over}`,
    rounds: { short: 1, long: 10 },
    processes: 2,
    play: oneName,
  },
]
