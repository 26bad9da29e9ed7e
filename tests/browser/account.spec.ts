import { Maple } from './maple.ts'
import { expect, Person, test } from './people.ts'

const maple = new Maple()
test.beforeAll(() => maple.opens())
test.afterAll(() => maple.closes())

test('an application that is not our own asks first, is remembered, and can be taken back (AZ-21)', async ({
  alice,
  root,
}) => {
  const page = alice.page
  await alice.visits(maple.asks(root, 'openid email'))
  await alice.typesPassword()
  await expect(page.getByRole('heading', { name: 'Allow Maple?' })).toBeVisible()
  await expect(page.getByText('See your email address')).toBeVisible()
  await page.getByRole('button', { name: 'Do not allow' }).click()
  await expect(page.getByText('access_denied')).toBeVisible()

  await alice.visits(maple.asks(root, 'openid email'))
  await page.getByRole('button', { name: 'Allow', exact: true }).click()
  await expect(page.getByText('a code came')).toBeVisible()
  await alice.visits(maple.asks(root, 'openid email'))
  await expect(page.getByText('a code came'), 'the answer is remembered').toBeVisible()
  await alice.visits(maple.asks(root, 'openid email notes'))
  await expect(page.getByText('Read and write your notes'), 'more is asked about').toBeVisible()

  await alice.visits(root.at('/account'))
  await page.getByRole('button', { name: 'Withdraw what you allowed Maple' }).click()
  await expect(page.getByRole('status')).toContainText('Taken back')
  await alice.visits(maple.asks(root, 'openid email', { prompt: 'none' }))
  await expect(page.getByText('consent_required')).toBeVisible()
})

test('a device that is ended from another one is signed out at the sites at once (pain 37)', async ({
  alice,
  browser,
  siteA,
  siteB,
  root,
  stage,
}) => {
  const userAgent =
    'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Mobile Safari/604.1'
  const context = await browser.newContext({ userAgent })
  const phone = new Person(alice.account, await context.newPage(), stage)
  await phone.logsInAt(siteB)
  await alice.logsInAt(siteA)

  await alice.visits(root.at('/account'))
  const device = alice.page
    .getByRole('listitem')
    .filter({ has: alice.page.getByRole('heading', { name: 'Safari on iPhone' }) })
  await expect(device).toContainText('Birch')
  await device.getByRole('button', { name: 'Sign out this device' }).click()
  await expect(alice.page.getByRole('heading', { name: 'Safari on iPhone' })).toHaveCount(0)

  await phone.visits(siteB.home)
  await expect(siteB.signIn).toBeVisible()
  await phone.visits(siteB.notes)
  await expect(root.loginForm).toBeVisible()
  await alice.visits(siteA.home)
  await expect(siteA.greeting, 'this browser stays').toHaveText('Hello Alice')
  await context.close()
})

test('a new account, and a new password that ends the other devices (7.4.3)', async ({
  browser,
  siteA,
  root,
  stage,
}) => {
  const carol = { email: 'carol@example.com', password: 'walrus and carpenter' }
  const here = new Person(carol, await (await browser.newContext()).newPage(), stage)
  await here.visits(siteA.orders)
  await here.page.getByRole('link', { name: 'Create an account' }).click()
  await here.page.getByLabel('Name').fill('Carol')
  await here.page.getByLabel('Email').fill(carol.email)
  await here.page.getByLabel('Password').fill(carol.password)
  await here.page.getByRole('button', { name: 'Create account' }).click()
  await expect(here.page.getByRole('status')).toContainText('You can sign in now')
  await here.typesPassword()
  await expect(siteA.account).toContainText('Carol')

  const elsewhere = new Person(carol, await (await browser.newContext()).newPage(), stage)
  await elsewhere.logsInAt(siteA)

  await here.visits(root.at('/account'))
  await here.page.getByLabel('Present password').fill(carol.password)
  await here.page.getByLabel('New password').fill('a sun was shining on the sea')
  await here.page.getByRole('button', { name: 'Change password' }).click()
  await expect(here.page.getByRole('status')).toContainText('Your password is changed')
  await here.visits(siteA.home)
  await expect(siteA.greeting, 'this browser stays').toHaveText('Hello Carol')

  await elsewhere.visits(siteA.home)
  await expect(siteA.signIn).toBeVisible()
  for (const person of [here, elsewhere]) await person.context.close()
})

test.describe('without script', () => {
  test.use({ javaScriptEnabled: false })

  test('F-98 consent is given, and a site is signed out of', async ({ alice, siteB, root }) => {
    await alice.logsInAt(siteB)
    await alice.visits(maple.asks(root, 'openid', { prompt: 'consent' }))
    await alice.page.getByRole('button', { name: 'Allow', exact: true }).click()
    await expect(alice.page.getByText('a code came')).toBeVisible()

    await alice.visits(root.at('/account'))
    await alice.page.getByRole('button', { name: /^Sign out of Birch on/ }).click()
    await expect(alice.page.getByRole('status')).toContainText('Signed out of that site')
  })
})
