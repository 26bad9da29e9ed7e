import { expect, test as people } from './people.ts'
import { ReplicatedGrove } from './replicated.ts'

/** How long a process that no push reached may believe in a session that has ended. */
const STATUS_LIST_TTL_SECONDS = 5

const test = people.extend<{ house: ReplicatedGrove }>({
  house: async ({ grove }, use) => {
    if (!(grove instanceof ReplicatedGrove)) throw new Error('This story needs the replicated Grove.')
    await use(grove)
  },
})

test('two processes of each app, five minutes, and one that is killed: nobody notices', {
  tag: '@replicated',
}, async ({ alice, bob, siteA, siteB, house }) => {
  test.slow()
  const { robins, replicas } = house
  const walks = async (...pages: string[]) => {
    for (const page of pages) {
      alice.journey.length = 0
      await alice.visits(page)
      await expect(siteA.account).toContainText('Alice')
      expect(alice.journey.length, `${page} needs no redirect`).toBe(1)
    }
  }
  const refreshes = () => robins.auth.seen.filter((request) => request === 'POST /token').length

  await test.step('Alice logs in at A, arrives at B and looks around', async () => {
    await alice.logsInAt(siteA)
    await alice.visits(siteB.home)
    await expect(siteB.greeting).toHaveText('Hello Alice')
    await walks(siteA.orders, siteB.notes, siteA.session, siteB.session, siteA.home, siteB.home)
  })

  await test.step('her token ends: whoever is asked first refreshes it', async () => {
    house.catchesUp()
    // The marker lapses with the token; the browser's clock did not pass with that of the servers.
    await alice.context.clearCookies({ name: '__Host-checked' })
    const before = refreshes()
    await walks(siteA.orders, siteB.notes, siteA.orders, siteB.notes)
    expect(refreshes() - before).toBeGreaterThanOrEqual(2)
    expect(refreshes() - before, 'at most once for each process of each site').toBeLessThanOrEqual(4)
    for (const site of [siteA, siteB]) {
      const cookie = await alice.cookiesFor(site)
      const answers = await Promise.all(Array.from({ length: 20 }, () => site.me({ cookie })))
      expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200))
    }
  })

  await test.step('one process of auth is killed: Bob signs in, and Alice goes on', async () => {
    await replicas.auth[0]?.crashes()
    await bob.logsInAt(siteB)
    await bob.visits(siteA.home)
    await expect(siteA.greeting).toHaveText('Hello Bob')
    alice.looks()
    await walks(siteA.session, siteB.session)
  })

  await test.step('she signs out everywhere: each process of each site refuses what she had', async () => {
    const copies = { alder: await alice.cookiesFor(siteA), birch: await alice.cookiesFor(siteB) }
    await alice.signsOutEverywhereAt(siteB)
    const refused = async () => {
      const asked = (['alder', 'birch'] as const).flatMap((name) =>
        replicas[name].map(({ internalUrl }) =>
          fetch(`${internalUrl}/api/me`, { headers: { cookie: copies[name] } }),
        ),
      )
      return (await Promise.all(asked)).map(({ status }) => status)
    }
    await expect
      .poll(refused, { timeout: (STATUS_LIST_TTL_SECONDS + 1) * 1000 })
      .toEqual([401, 401, 401, 401])
    for (const { seen } of [robins.alder, robins.birch])
      expect(seen.includes('POST /sso/backchannel-logout'), 'told over TLS').toBe(true)
    await bob.visits(siteB.home)
    await expect(siteB.greeting, 'it was her session alone').toHaveText('Hello Bob')
  })

  await replicas.auth[0]?.starts()
  for (const [name, { share }] of Object.entries(robins)) {
    expect(share.size, `${name} was two processes`).toBe(2)
    for (const [port, requests] of share) expect(requests, `${name} at ${port}`).toBeGreaterThan(10)
  }
})
