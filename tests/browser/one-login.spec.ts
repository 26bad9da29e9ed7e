import { expect, test } from './people.ts'

test('CK-5 logging in once logs you in to both sites (pain 1)', async ({ alice, siteA, siteB, root }) => {
  await alice.logsInAt(siteA)
  await expect(siteA.greeting).toHaveText('Hello Alice')

  await alice.visits(siteB.home)
  await expect(siteB.greeting).toHaveText('Hello Alice')
  await expect(siteB.why).toContainText('Alder')
  await expect(root.loginForm).toHaveCount(0)
})

test('the way round works too, and the arrival takes four requests', async ({ alice, siteA, siteB }) => {
  await alice.logsInAt(siteB)
  alice.journey.length = 0

  await alice.visits(siteA.home)
  await expect(siteA.greeting).toHaveText('Hello Alice')
  await expect(siteA.why).toContainText('Birch')
  expect(alice.journey.map((request) => new URL(request.url()).pathname)).toEqual([
    '/',
    '/authorize',
    '/sso/callback',
    '/',
  ])
})

test('a deep link at the other site ends at that deep link', async ({ alice, siteA, siteB }) => {
  await alice.logsInAt(siteA)

  await alice.visits(siteB.notes)
  await expect(alice.page).toHaveURL(siteB.notes)
  await expect(siteB.account).toContainText('Alice')
})

test('the login ends where it began', async ({ alice, siteA }) => {
  await alice.visits(siteA.orders)
  await alice.typesPassword()
  await expect(alice.page).toHaveURL(siteA.orders)
  await expect(siteA.account).toContainText('Alice')
})

test('Alder shows what Alice wrote at Birch, with one token for both', async ({ alice, siteA, siteB }) => {
  await alice.logsInAt(siteB)
  await alice.visits(siteB.notes)
  await siteB.book.fill('Moby-Dick')
  await siteB.text.fill('He meant the sea, not the whale.')
  await siteB.keep.click()
  await expect(alice.page.getByText('He meant the sea, not the whale.').first()).toBeVisible()

  await alice.visits(siteA.home)
  await expect(siteA.notesFromBirch).toContainText('He meant the sea, not the whale.')
})

test('each person sees their own', async ({ alice, bob, siteA, siteB }) => {
  await alice.logsInAt(siteA)
  await bob.logsInAt(siteA)
  await expect(siteA.greeting).toHaveText('Hello Bob')

  await bob.visits(siteB.home)
  await expect(siteB.greeting).toHaveText('Hello Bob')
  await alice.visits(siteB.home)
  await expect(siteB.greeting).toHaveText('Hello Alice')
})

test('tabs that log in at once all arrive where they were going (pain 7)', async ({
  alice,
  siteA,
  siteB,
}) => {
  const orders = alice
  const session = await alice.opensAnotherTab()
  const notes = await alice.opensAnotherTab()
  await orders.visits(siteA.orders)
  await session.visits(siteA.session)
  await notes.visits(siteB.notes)

  for (const tab of [orders, session, notes]) await tab.typesPassword()
  await expect(orders.page).toHaveURL(siteA.orders)
  await expect(session.page).toHaveURL(siteA.session)
  await expect(notes.page).toHaveURL(siteB.notes)
  for (const tab of [orders, session, notes]) {
    tab.looks()
    await expect(siteA.account).toContainText('Alice')
  }
})

test('the back button after the login is harmless (pain 10)', async ({ alice, siteA, root }) => {
  await alice.visits(siteA.orders)
  await alice.typesPassword()
  await expect(alice.page).toHaveURL(siteA.orders)

  await alice.goesBack()
  await expect(root.errorCode).toHaveCount(0)
  await alice.visits(siteA.home)
  await expect(siteA.greeting).toHaveText('Hello Alice')
})

test('an answer from auth works once', async ({ alice, siteA, root }) => {
  await alice.logsInAt(siteA)
  const callback = alice.journey
    .map((request) => request.url())
    .findLast((url) => url.includes('/sso/callback?'))
  expect(callback, 'the journey went by the callback').toBeDefined()

  await alice.visits(callback ?? '')
  await expect(root.errorCode).toHaveCount(0)
  await expect(siteA.account).toContainText('Alice')
})

test('a prefetched link starts nothing (pain 9)', async ({ alice, siteA }) => {
  await alice.visits(siteA.home)
  await expect(siteA.signIn).toBeVisible()
  const asked: string[] = []
  alice.page.on('request', (request) => asked.push(new URL(request.url()).pathname))
  await siteA.signIn.hover()
  await alice.page.waitForLoadState('networkidle')
  expect(asked).not.toContain('/authorize')

  const login = `${siteA.internalUrl}/sso/login?returnTo=/orders`
  const speculative = await fetch(login, {
    headers: { 'sec-purpose': 'prefetch;prerender' },
    redirect: 'manual',
  })
  const router = await fetch(login, { headers: { rsc: '1' } }) // Next sends it to an address of its own once
  expect([speculative.status, router.status]).toEqual([403, 204])
  expect([...speculative.headers.getSetCookie(), ...router.headers.getSetCookie()]).toEqual([])

  const names = (await alice.context.cookies()).map((cookie) => cookie.name)
  expect(names.filter((name) => name.startsWith('__Host-login.'))).toEqual([])
})

test('speculation rules, prefetch and prerender, start no login and no logout (pain 9)', async ({
  alice,
  siteA,
  root,
}) => {
  await alice.logsInAt(siteA)
  await alice.visits(siteA.home)
  const browser = await alice.context.newCDPSession(alice.page)
  const speculated: string[] = []
  browser.on('Preload.prefetchStatusUpdated', ({ prefetchUrl }) =>
    speculated.push(new URL(prefetchUrl).pathname),
  )
  browser.on('Preload.prerenderStatusUpdated', ({ key }) => speculated.push(new URL(key.url).pathname))
  await browser.send('Preload.enable')
  await alice.page.evaluate(() => {
    const urls = ['/sso/login?returnTo=/orders', '/sso/logout', '/orders']
    const rules = document.createElement('script')
    rules.type = 'speculationrules'
    rules.text = JSON.stringify({
      prefetch: [{ urls, eagerness: 'immediate' }],
      prerender: [{ urls, eagerness: 'immediate' }],
    })
    document.head.append(rules)
  })
  await expect
    .poll(() => speculated, 'the browser did speculate')
    .toEqual(expect.arrayContaining(['/sso/login', '/orders']))
  await alice.page.waitForTimeout(1_000) // for requests that must not come there is nothing to wait for

  const names = (await alice.context.cookies(siteA.origin)).map(({ name }) => name)
  expect(names.filter((name) => name.startsWith('__Host-login.'))).toEqual([])
  await alice.visits(siteA.orders)
  await expect(siteA.account).toContainText('Alice')
  await expect(root.loginForm).toHaveCount(0)
})

test('CK-12 to the browser the two sites are strangers: Sec-Fetch-Site says cross-site', async ({
  alice,
  siteA,
  siteB,
}) => {
  await alice.logsInAt(siteA)
  alice.journey.length = 0
  await siteA.linkToBirch.click()
  await expect(siteB.greeting).toHaveText('Hello Alice')

  const [arrival] = alice.journey
  expect(arrival?.url()).toContain(siteB.origin)
  expect((await arrival?.allHeaders())?.['sec-fetch-site']).toBe('cross-site')
})

test('CK-1 no cookie of auth or of the other site is sent from within a page (pain 6)', {
  tag: '@replicated',
}, async ({ alice, siteA, siteB, root }) => {
  await alice.logsInAt(siteA)
  await alice.visits(siteB.home)
  // A bare page at Alder's address: not Alder's policy is on trial, but the browser's own rule.
  const bare = siteA.at('/bare')
  await alice.page.route(bare, (route) => route.fulfill({ contentType: 'text/html', body: '<p>Bare</p>' }))
  await alice.visits(bare)

  for (const place of [root.home, siteB.home]) {
    const request = alice.page.waitForRequest(place)
    await alice.page.evaluate(
      (url) => fetch(url, { mode: 'no-cors', credentials: 'include' }).catch(() => 'refused'),
      place,
    )
    expect((await (await request).allHeaders()).cookie ?? '', `fetch ${place}`).not.toMatch(/sso|session/)

    const framed = alice.page.waitForRequest(place)
    await alice.page.evaluate(
      (url) => document.body.append(Object.assign(document.createElement('iframe'), { src: url })),
      place,
    )
    expect((await (await framed).allHeaders()).cookie ?? '', `iframe ${place}`).not.toMatch(/sso|session/)
  }

  const visit = alice.page.waitForRequest(root.home)
  await alice.visits(root.home)
  expect((await (await visit).allHeaders()).cookie, 'going there carries it').toContain('__Host-sso')
})
