import { expect, test as people } from './people.ts'
import { Relay } from './relay.ts'

/** Birch as two processes behind a round robin: no sticky session, and nothing that they share but their settings. */
const test = people.extend<{ birches: Relay }>({
  birches: [
    async ({ grove }, use) => {
      const replicas = [4012, 4022].map((port) => grove.birchWith({ name: `birch-${port}`, port }))
      const relay = new Relay({ port: 4002, to: [4012, 4022] })
      await grove.birch.stops()
      try {
        await Promise.all([relay.starts(), ...replicas.map((replica) => replica.starts())])
        await use(relay)
      } finally {
        await Promise.all([relay.stops(), ...replicas.map((replica) => replica.stops())])
        await grove.birch.starts()
      }
    },
    { auto: true },
  ],
})

test('two processes of Birch take turns, and a signed-in person never notices', async ({
  alice,
  siteB,
  birches,
}) => {
  await alice.logsInAt(siteB)
  for (let visit = 0; visit < 6; visit++) {
    await alice.visits(siteB.home)
    await expect(siteB.greeting).toHaveText('Hello Alice')
    await alice.visits(siteB.session)
    await expect(siteB.claims).toBeVisible()
  }
  await siteB.signIn.waitFor({ state: 'detached' })

  const cookie = await alice.cookiesFor(siteB)
  const answers = await Promise.all(Array.from({ length: 20 }, () => siteB.me({ cookie })))
  expect(answers.map((answer) => answer.status)).toEqual(Array(20).fill(200))
  expect([...birches.share.values()].every((requests) => requests > 10)).toBe(true)
})

test('a login may begin at one process and end at the other', async ({ alice, siteA, siteB }) => {
  // An odd and an even number of requests before the callback: one of the two logins crosses over.
  await alice.logsInAt(siteB)
  await alice.signsOutEverywhereAt(siteB)
  await siteB.me({})
  await alice.logsInAt(siteB)
  await alice.visits(siteA.home)
  await expect(siteA.greeting).toHaveText('Hello Alice')
})

test('the process that no push reached learns of a logout from the status list', async ({ alice, siteB }) => {
  await alice.logsInAt(siteB)
  const cookie = await alice.cookiesFor(siteB)
  await alice.signsOutEverywhereAt(siteB)
  const bothRefuse = async () => {
    const answers = await Promise.all(
      [4012, 4022].map((port) => fetch(`http://127.0.0.1:${port}/api/me`, { headers: { cookie } })),
    )
    return answers.map((answer) => answer.status)
  }
  await expect.poll(bothRefuse, { timeout: 6000 }).toEqual([401, 401])
})
