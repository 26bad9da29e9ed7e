import { expect, test as people } from './people.ts'
import { Relay } from './relay.ts'

const TOKEN_LIFETIME_SECONDS = 300
const PORTS = [4012, 4022]

/** What two more processes of Birch ask of auth goes through here, to be counted. */
const test = people.extend<{ counter: Relay }>({
  counter: async ({ grove }, use) => {
    const counter = new Relay({ port: 4013, to: [4000] })
    const birches = PORTS.map((port) =>
      grove.birchWith({ name: `birch-${port}`, port, issuerInternalUrl: 'http://127.0.0.1:4013' }),
    )
    try {
      await Promise.all([counter.starts(), ...birches.map((birch) => birch.starts())])
      await use(counter)
    } finally {
      await Promise.all([counter.stops(), ...birches.map((birch) => birch.stops())])
    }
  },
})

// Grove is born in the past, so that five minutes can have passed without anybody waiting for them.
test.use({ bornSecondsAgo: 2 * TOKEN_LIFETIME_SECONDS })

for (const { when, ageSeconds } of [
  { when: 'shortly before the token ends', ageSeconds: TOKEN_LIFETIME_SECONDS - 20 },
  { when: 'after the token has ended', ageSeconds: TOKEN_LIFETIME_SECONDS + 20 },
]) {
  test(`${when}, fifty requests at once are all answered, with one refresh for each process (pain 2)`, async ({
    alice,
    siteB,
    grove,
    counter,
  }) => {
    test.slow()
    await grove.startsAnew(-ageSeconds)
    await alice.logsInAt(siteB)
    grove.catchesUp()

    const session = (await alice.context.cookies(siteB.origin)).find(({ name }) => name === '__Host-session')
    const headers = { cookie: `__Host-session=${session?.value}` }
    const fifty = (ports: readonly number[]) =>
      Promise.all(
        Array.from({ length: 50 }, (_, turn) =>
          fetch(`http://127.0.0.1:${ports[turn % ports.length]}/api/me`, { headers }),
        ),
      )
    const refreshes = () => counter.seen.filter((request) => request === 'POST /token').length

    const atOne = await fifty(PORTS.slice(0, 1))
    expect(refreshes(), 'one process asks once').toBe(1)
    const atBoth = await fifty(PORTS)
    expect(refreshes(), 'the other process asks once too').toBe(2)

    const answers = [...atOne, ...atBoth]
    expect(answers.map((answer) => answer.status)).toEqual(Array(100).fill(200))
    const callers = await Promise.all(answers.map(async (answer) => (await answer.json()).sub))
    expect(new Set(callers).size, 'one person').toBe(1)

    const renewed = answers
      .flatMap((answer) => answer.headers.getSetCookie())
      .filter((line) => line.startsWith('__Host-session='))
      .map((line) => line.split(';')[0] ?? '')
    expect(renewed.length, 'the new token goes to the browser').toBeGreaterThan(0)
    for (const cookie of new Set(renewed)) {
      expect((await siteB.me({ cookie })).status, 'every one of the new cookies works').toBe(200)
    }
  })
}

test('a person who comes back after the token has ended is still signed in, at both sites', async ({
  alice,
  siteA,
  siteB,
  grove,
}) => {
  test.slow()
  await grove.startsAnew(-TOKEN_LIFETIME_SECONDS - 20)
  await alice.logsInAt(siteA)
  await alice.visits(siteB.home)
  grove.catchesUp()
  // The marker lapses with the token; the browser's clock did not pass with that of the servers.
  await alice.context.clearCookies({ name: '__Host-checked' })

  for (const site of [siteA, siteB]) {
    alice.journey.length = 0
    await alice.visits(site.session)
    await expect(site.account).toContainText('Alice')
    expect(alice.journey.length, 'refreshed on the way, without a redirect').toBe(1)
  }
})
