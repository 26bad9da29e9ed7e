import { objectionsTo } from './looks.ts'
import { Maple } from './maple.ts'
import { expect, test } from './people.ts'

// What the scheme can break is contrast, what the screen can break is the layout: two runs see both values of each.
for (const { screen, colorScheme, viewport } of [
  { screen: 'phone', colorScheme: 'dark', viewport: { width: 360, height: 740 } },
  { screen: 'desktop', colorScheme: 'light', viewport: { width: 1280, height: 900 } },
] as const) {
  test(`axe finds nothing on any page, ${colorScheme}, on a ${screen}`, async ({
    alice,
    siteA,
    siteB,
    root,
  }) => {
    test.setTimeout(240_000)
    await alice.page.setViewportSize(viewport)
    await alice.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    const objections: string[] = []
    const look = async (name: string) => {
      objections.push(...(await objectionsTo(alice, `${screen}, ${name}, ${colorScheme}`)))
    }
    const visit = async (name: string, address: string) => {
      await alice.visits(address)
      await look(name)
    }

    await test.step('a stranger', async () => {
      await visit('alder home, a stranger', siteA.home)
      await visit('birch home, a stranger', siteB.home)
      await visit('root home, a stranger', root.home)
      await visit('alder, no such page', siteA.at('/nowhere'))
      await visit('birch, no such page', siteB.at('/nowhere'))
      await visit('root, what it answers', root.at('/docs'))
      await visit('root, an error', root.at('/authorize?client_id=nobody'))
      await expect(root.errorCode).toBeVisible()
      await visit('alder, a sign-in that cannot be finished', siteA.at('/sso/callback?state=unknown'))
      await expect(root.errorCode).toBeVisible()
    })

    await test.step('the login', async () => {
      await visit('root login', siteA.orders)
      await root.email.fill('alice@example.com')
      await root.password.fill('not her password')
      await root.signIn.click()
      await expect(alice.page.getByRole('alert')).toBeVisible()
      await look('root login, refused')
      await alice.page.getByRole('link', { name: 'Create an account' }).click()
      await look('root, a new account')
      await alice.page.getByLabel('Email').fill('alice@example.com')
      await alice.page.getByLabel('Password').fill('password')
      await alice.page.getByRole('button', { name: 'Create account' }).click()
      await expect(alice.page.getByRole('alert')).toBeVisible()
      await look('root, a new account, refused')
      await alice.page.getByRole('link', { name: 'I have an account' }).click()
      await alice.typesPassword()
      await expect(siteA.account).toBeVisible()
    })

    await test.step('signed in', async () => {
      await look('alder orders')
      await alice.page.locator('main a[href^="/orders/"]').first().click()
      await alice.page.waitForURL(/\/orders\/./)
      await look('alder order')
      await visit('alder address', siteA.address)
      await siteA.changeAddress.click()
      await expect(alice.page.getByText('Please fill this in.').first()).toBeVisible()
      await look('alder address, refused')
      await visit('alder notes book', siteA.book)
      await expect(siteA.proof).toBeVisible()
      await visit('alder home', siteA.home)
      await visit('alder session', siteA.session)
      await visit('birch home', siteB.home)
      await visit('birch notes', siteB.notes)
      await visit('birch session', siteB.session)
      await visit(
        'root, consent',
        new Maple().asks(root, 'openid profile email notes', { prompt: 'consent' }),
      )
      await visit('root, account', root.home)
      await alice.page.getByLabel('Present password').fill('not her password')
      await alice.page.getByLabel('New password').fill('a sun was shining on the sea')
      await alice.page.getByRole('button', { name: 'Change password' }).click()
      await expect(alice.page.getByRole('alert')).toBeVisible()
      await look('root, account, refused')
    })

    await test.step('the way out', async () => {
      await visit('root, sign out', root.at('/logout'))
      await root.confirmLogout.click()
      await expect(root.confirmLogout).toHaveCount(0)
      await look('root, signed out')
      await visit('alder home, signed out elsewhere', siteA.home)
    })

    expect(objections).toEqual([])
  })
}
