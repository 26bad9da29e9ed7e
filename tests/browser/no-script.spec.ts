import { expect, test } from './people.ts'

test.use({ javaScriptEnabled: false })

test('K-9 BF-11 without script, so without messages and service workers, and without frames: one login, both sites, and out again', async ({
  alice,
  siteA,
  siteB,
  root,
}) => {
  const framed: string[] = []
  alice.page.on('frameattached', (frame) => framed.push(frame.url()))
  await alice.visits(siteA.orders)
  await expect(root.loginForm).toBeVisible()
  await alice.typesPassword()
  await expect(alice.page).toHaveURL(siteA.orders)
  await expect(siteA.account).toContainText('Alice')

  await alice.visits(siteB.home)
  await expect(siteB.greeting).toHaveText('Hello Alice')

  await alice.signsOutOf(siteB)
  await alice.visits(siteA.home)
  await expect(siteA.greeting).toHaveText('Hello Alice')

  await alice.signsOutEverywhereAt(siteA)
  await alice.visits(siteB.home)
  await expect(siteB.signIn).toBeVisible()
  expect(framed).toEqual([])
})

test('without script: a note is written and deleted', async ({ alice, siteB }) => {
  await alice.logsInAt(siteB)
  await alice.visits(siteB.notes)
  await siteB.book.fill('Flatland')
  await siteB.text.fill('Written without a script in sight.')
  await siteB.keep.click()
  await expect(alice.page.getByText('Written without a script in sight.').first()).toBeVisible()
})

test('without script: a wrong password is said beside the form', async ({ alice, siteA, root }) => {
  await alice.visits(siteA.orders)
  await root.email.fill('alice@example.com')
  await root.password.fill('looking-glass')
  await root.signIn.click()
  await expect(alice.page.getByRole('alert')).toBeVisible()
  await expect(root.email).toHaveValue('alice@example.com')
  await expect(root.password).toHaveValue('')
})
