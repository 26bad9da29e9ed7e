import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, type Person, test } from './people.ts'
import type { Alder, Root } from './places.ts'

const LOGIN_GOOD_FOR_SECONDS = 300
const NEW_ADDRESS = {
  name: 'Alice Liddell',
  street: '9 Mushroom Lane',
  postcode: 'OX4 2ZZ',
  town: 'Öxford under Hill',
  country: 'United Kingdom',
}

// Grove is born in the past, so that a login can be old without anybody waiting.
test.use({ bornSecondsAgo: 2 * LOGIN_GOOD_FOR_SECONDS })

async function typesTheNewAddress({ page }: Person): Promise<void> {
  for (const [field, text] of Object.entries(NEW_ADDRESS)) await page.locator(`#${field}`).fill(text)
}

async function seesTheNewAddressWaiting({ page }: Person): Promise<void> {
  for (const [field, text] of Object.entries(NEW_ADDRESS))
    await expect(page.locator(`#${field}`)).toHaveValue(text)
}

/** What the browser keeps of a form that waits. */
const waitingForms = async ({ context }: Person, siteA: Alder) =>
  (await context.cookies(siteA.origin)).filter(({ name }) => name === '__Host-typed')

for (const { how, javaScriptEnabled } of [
  { how: '', javaScriptEnabled: true },
  { how: ', without script', javaScriptEnabled: false },
]) {
  test.describe('an important action', () => {
    test.use({ javaScriptEnabled })

    test(`SU-2 an important action asks for the password again, and goes on with what was typed (pain 36)${how}`, async ({
      alice,
      siteA,
      root,
      grove,
    }) => {
      test.slow()
      await grove.startsAnew(-LOGIN_GOOD_FOR_SECONDS - 60)
      await alice.logsInAt(siteA)
      await alice.visits(siteA.address)
      await grove.startsAnew()
      await typesTheNewAddress(alice)
      await siteA.changeAddress.click()

      await test.step('the login is too old: the password is asked for, and nothing has changed', async () => {
        await expect(root.loginForm).toBeVisible()
        const [form] = await waitingForms(alice, siteA)
        expect(form).toMatchObject({ httpOnly: true, secure: true, sameSite: 'Lax', path: '/' })
        expect(form?.value, 'sealed').not.toContain('Mushroom')
        for (const request of alice.journey)
          expect(decodeURIComponent(request.url())).not.toContain('Mushroom')
      })

      await test.step('after it, what was typed is shown again, and waits for a yes', async () => {
        await alice.typesPassword()
        await expect(alice.page).toHaveURL(siteA.address)
        await seesTheNewAddressWaiting(alice)
        await expect(siteA.presentAddress, 'nothing was posted by itself').toContainText('3 Deanery Garden')
      })

      await test.step('the yes is enough, and nothing is kept', async () => {
        await siteA.changeAddress.click()
        await expect(siteA.presentAddress).toContainText('9 Mushroom Lane')
        await expect(root.loginForm).toHaveCount(0)
        expect(await waitingForms(alice, siteA)).toEqual([])
        await alice.visits(siteA.address)
        await expect(siteA.presentAddress).toContainText('9 Mushroom Lane')
        await expect(alice.page.locator('#street')).toHaveValue('')
      })
    })
  })
}

test('what Alice typed is not shown to Bob, who signs in in her place', async ({
  alice,
  siteA,
  root,
  grove,
}) => {
  test.slow()
  await grove.startsAnew(-LOGIN_GOOD_FOR_SECONDS - 60)
  await alice.logsInAt(siteA)
  await alice.visits(siteA.address)
  await grove.startsAnew()
  await typesTheNewAddress(alice)
  await siteA.changeAddress.click()
  await expect(root.loginForm).toBeVisible()
  await signsInAsBob(alice, root)
  await expect(siteA.account).toContainText('Bob')
  await alice.visits(siteA.address)
  await expect(alice.page.locator('#street')).toHaveValue('')
  await expect(siteA.presentAddress).not.toContainText('Mushroom')
})

async function signsInAsBob({ page }: Person, root: Root): Promise<void> {
  await root.email.fill('bob@example.com')
  await root.password.fill('yes-we-can-1999')
  await root.signIn.click()
  await page.waitForURL((url) => url.port === '4001')
}

test('SU-1 SU-2 Birch’s API wants a fresher login, and Alder’s server turns that into one', async ({
  alice,
  siteA,
  root,
  grove,
}) => {
  test.slow()
  await grove.startsAnew(-LOGIN_GOOD_FOR_SECONDS - 60)
  await alice.logsInAt(siteA)
  await grove.startsAnew()
  // Alder gives Birch two seconds, and Birch has only just started: she tries again, as the page says then.
  await expect(async () => {
    await alice.visits(siteA.book)
    await expect(root.loginForm, 'the login is too old for Birch').toBeVisible({ timeout: 1000 })
  }).toPass()
  await alice.typesPassword()
  await expect(alice.page).toHaveURL(siteA.book)
  await expect(siteA.proof).toContainText('The Left Hand of Darkness')
  await alice.visits(siteA.book)
  await expect(siteA.proof, 'now it is recent enough').toBeVisible()
})

test('SU-2 a fresh login that is still not enough is said, and not asked for again', async ({
  alice,
  siteA,
  root,
  grove,
}) => {
  test.slow()
  let asked = 0
  const strict = createServer((_, response) => {
    asked += 1
    const challenge = 'Bearer error="insufficient_user_authentication", max_age="0"'
    response.writeHead(401, { 'www-authenticate': challenge }).end()
  })
  await new Promise<void>((ready) => strict.listen(0, '127.0.0.1', ready))
  const { port } = strict.address() as AddressInfo // as: it listens on a port
  const alder = grove.alderWith({ name: 'alder-strict', birchInternalUrl: `http://127.0.0.1:${port}` })
  try {
    await grove.startsAnew(-LOGIN_GOOD_FOR_SECONDS - 60)
    await alice.logsInAt(siteA)
    await grove.startsAnew()
    await grove.alder.stops()
    await alder.starts()
    await alice.visits(siteA.book)
    await expect(root.loginForm).toBeVisible()
    await alice.typesPassword()
    await expect(siteA.bookMessage).toBeVisible()
    await expect(alice.page).toHaveURL(siteA.book)
    expect(asked, 'once before the login, once after it').toBe(2)
  } finally {
    await alder.stops()
    strict.close()
    await grove.startsAnew()
  }
})
