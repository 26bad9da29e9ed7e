import { expect, test } from './people.ts'

// The list that sites hold is five seconds old at most, and an open page asks anew half a second after that.
const SOON = { timeout: 12_000 }

const NEW = { name: 'Lewis Carroll', given_name: 'Lewis' }
const OLD = { name: 'Alice Liddell', given_name: 'Alice' }

test.afterEach(async ({ grove }) => await grove.changesClaims('alice@example.com', OLD))

test('what an operator changes is on open pages within seconds, at both sites, and nobody is signed out (pain 12)', async ({
  alice,
  siteA,
  siteB,
  root,
  grove,
}) => {
  await alice.logsInAt(siteA)
  const other = await alice.opensAnotherTab()
  await other.visits(siteB.home)
  await expect(siteB.account).toContainText('Alice')
  alice.journey.length = 0
  other.journey.length = 0

  await grove.changesClaims('alice@example.com', NEW)

  await expect(siteB.account).toContainText('Lewis', SOON)
  alice.looks()
  await expect(siteA.account).toContainText('Lewis Carroll', SOON)
  expect([...alice.journey, ...other.journey], 'without a navigation').toEqual([])
  await alice.visits(siteA.orders)
  await expect(siteA.account).toContainText('Lewis Carroll')
  await expect(root.loginForm).toHaveCount(0)
})

test.describe('without script', () => {
  test.use({ javaScriptEnabled: false })

  test('…and the next page says it, also where the proxy had nothing to do (pain 12)', async ({
    alice,
    siteA,
    root,
    grove,
  }) => {
    await alice.logsInAt(siteA)
    const before = await alice.cookiesFor(siteA)
    await grove.changesClaims('alice@example.com', NEW)
    await expect
      .poll(async () => (await siteA.me({ cookie: before })).status, {
        ...SOON,
        message: 'the old token is void',
      })
      .toBe(401)

    alice.journey.length = 0
    await alice.page.locator('a[href="/orders"]').first().click()
    await expect(siteA.account).toContainText('Lewis Carroll')
    await expect(root.loginForm).toHaveCount(0)
    const hosts = alice.journey.map((request) => new URL(request.url()).port)
    expect(new Set(hosts), 'no way round by auth').toEqual(new Set(['4001']))
  })
})
