import { setTimeout as sleep } from 'node:timers/promises'
import { logIn } from '../provider/browser.ts'
import { createRelyingParty } from '../provider/relying-party.ts'
import type { Wire } from '../provider/wire.ts'

const ROUND_MS = 1_000
const ROUNDS_OF_A_LOGIN = 120
/** Within so many rounds all have come. */
const ROUNDS_OF_COMING = 30

/** What was done since somebody asked last. */
export interface Tally {
  operations: number
  hops: number
  /** Milliseconds, of each hop. */
  took: number[]
  failures: string[]
}

export interface Crowd {
  /** Counts from nothing again. */
  tally(): Tally
  /** All go home, after the round that they are in. */
  leave(): Promise<void>
}

/**
 * So many people. Each of them enters a site once a second: a hop, two refreshes, userinfo with each new token, an introspection, the keys.
 * After two minutes they give their tokens back and log in anew. A failure is counted, and begins the login again.
 */
export async function gatherPeople(wire: Wire, count: number): Promise<Crowd> {
  const party = await createRelyingParty(wire)
  let counts = noTally()
  let isOver = false

  async function counted<Result>(operation: Promise<Result>): Promise<Result> {
    const result = await operation
    counts.operations++
    return result
  }

  async function round(cookie: string) {
    const startedAt = performance.now()
    let tokens = await counted(party.signOn(cookie))
    counts.took.push(performance.now() - startedAt)
    counts.hops++
    for (let time = 0; time < 2; time++) {
      tokens = await counted(party.refresh(tokens))
      await counted(party.userinfo(tokens))
    }
    await counted(party.introspect(tokens))
    await counted(party.jwks())
    return tokens
  }

  async function login(): Promise<void> {
    const cookie = await counted(logIn(wire, party.authorizePath))
    for (let done = 1; done <= ROUNDS_OF_A_LOGIN && !isOver; done++) {
      const next = performance.now() + ROUND_MS
      const tokens = await round(cookie)
      if (done === ROUNDS_OF_A_LOGIN) await counted(party.revoke(tokens))
      await sleep(Math.max(0, next - performance.now()))
    }
  }

  async function person(place: number): Promise<void> {
    // Not all in the same moment, and no wave of logins every two minutes.
    await sleep((place / count) * ROUNDS_OF_COMING * ROUND_MS)
    while (!isOver)
      await login().catch(async (error) => {
        counts.failures.push(String(error))
        await sleep(ROUND_MS)
      })
  }

  const people = Array.from({ length: count }, (_, place) => person(place))
  return {
    tally() {
      const before = counts
      counts = noTally()
      return before
    },
    async leave() {
      isOver = true
      await Promise.all(people)
    },
  }
}

function noTally(): Tally {
  return { operations: 0, hops: 0, took: [], failures: [] }
}
