import { expect, test } from './people.ts'
import type { Alder, Birch, Site } from './places.ts'

// Each was once enough to be waved past a check that stood in the proxy alone (CVE-2025-29927 and what came before it).
const BYPASSES: readonly Record<string, string>[] = [
  { 'x-middleware-subrequest': 'proxy:proxy:proxy:proxy:proxy' },
  { 'x-middleware-subrequest': 'middleware:middleware:middleware:middleware:middleware' },
  { 'x-middleware-subrequest': 'src/middleware:src/middleware:src/middleware:src/middleware:src/middleware' },
  { 'x-middleware-subrequest': 'pages/_middleware' },
  { 'x-middleware-subrequest-id': '0000000000000000' },
  {
    'x-middleware-next': '1',
    'x-middleware-override-headers': 'cookie',
    'x-middleware-request-cookie': 'x=1',
  },
  { 'x-middleware-rewrite': '/orders', 'x-rewrite-url': '/orders', 'x-original-url': '/orders' },
  { 'x-middleware-prefetch': '1', purpose: 'prefetch' },
  { 'x-invoke-path': '/orders', 'x-matched-path': '/orders', 'x-now-route-matches': '1=orders' },
]

// A program's request, the router's, a person's.
const KINDS: readonly Record<string, string>[] = [
  {},
  { rsc: '1' },
  { 'sec-fetch-dest': 'document', 'sec-fetch-mode': 'navigate' },
]

const PRIVATE_WORDS = /Deanery|Middlemarch|Left Hand of Darkness|Alice Liddell|€/

const privatePages = (siteA: Alder, siteB: Birch) =>
  [
    [siteA, '/orders'],
    [siteA, '/orders/A-2107'],
    [siteA, '/orders/address'],
    [siteA, '/notes-book'],
    [siteA, '/session'],
    [siteB, '/notes'],
    [siteB, '/notes/alice-middlemarch'],
  ] as const

async function asks(site: Site, path: string, init: RequestInit = {}): Promise<Response> {
  const response = await fetch(`${site.internalUrl}${path}`, { redirect: 'manual', ...init })
  // The router's requests carry a checksum of themselves: without it Next says the right address first.
  const { pathname, search } = new URL(response.headers.get('location') ?? '/', site.internalUrl)
  return /[?&]_rsc\b/.test(search) && !path.includes('_rsc') ? asks(site, pathname + search, init) : response
}

for (const [index, bypass] of BYPASSES.entries()) {
  const named = `${Object.keys(bypass)[0]} (${index + 1})`

  test(`pain 22: with ${named} a page, its router payload and a route handler give nothing`, async ({
    siteA,
    siteB,
  }) => {
    for (const [site, path] of privatePages(siteA, siteB)) {
      for (const kind of KINDS) {
        const response = await asks(site, path, { headers: { ...bypass, ...kind } })
        const text = await response.text()
        expect(text, `${path} ${JSON.stringify(kind)}`).not.toMatch(PRIVATE_WORDS)
        const sentTo = `${response.headers.get('location')} ${text}`
        // `{}` is what Next answers to a prefetch of its own kind, before it looks at anything.
        expect(text === '{}' || /\/sso\/login\?|prompt=none/.test(sentTo), `${path} ${response.status}`).toBe(
          true,
        )
      }
    }
    for (const [site, path] of [
      [siteA, '/api/me'],
      [siteB, '/api/me'],
      [siteB, '/api/notes'],
      [siteB, '/api/notes/export'],
    ] as const) {
      const response = await asks(site, path, { headers: bypass })
      const text = await response.text()
      expect(text).not.toMatch(PRIVATE_WORDS)
      expect(response.status === 401 || text === '{}', path).toBe(true)
    }
  })
}

/** An action's address, from the page of somebody who may see it: it is no secret, so it must not open anything by itself. */
async function fieldsOfForm(site: Site, path: string, cookie: string, form: RegExp): Promise<FormData> {
  const html = await (await asks(site, path, { headers: { cookie } })).text()
  const [markup = ''] = form.exec(html) ?? []
  const fields = new FormData()
  for (const [input] of markup.matchAll(/<input[^>]*type="hidden"[^>]*>/g)) {
    const read = (name: string) => unescaped(new RegExp(` ${name}="([^"]*)"`).exec(input)?.[1] ?? '')
    fields.set(read('name'), read('value'))
  }
  expect(
    [...fields.keys()].some((name) => name.startsWith('$ACTION_')),
    'the form has an action',
  ).toBe(true)
  return fields
}

const unescaped = (text: string) =>
  text.replaceAll('&quot;', '"').replaceAll('&#x27;', "'").replaceAll('&lt;', '<').replaceAll('&amp;', '&')

const post = (site: Site, path: string, body: FormData, headers: Record<string, string>) =>
  asks(site, path, { method: 'POST', body, headers: { origin: site.internalUrl, ...headers } })

async function addressForm(siteA: Alder, cookie: string): Promise<FormData> {
  const fields = await fieldsOfForm(
    siteA,
    '/orders/address',
    cookie,
    /<form[^>]*id="address-form".*?<\/form>/s,
  )
  const stolen = {
    name: 'Mallory',
    street: '1 Elsewhere',
    postcode: 'X1',
    town: 'Elsewhere',
    country: 'Nowhere',
  }
  for (const [name, value] of Object.entries(stolen)) fields.set(name, value)
  return fields
}

async function noteForm(siteB: Birch, cookie: string): Promise<FormData> {
  const fields = await fieldsOfForm(siteB, '/notes', cookie, /<form[^>]*class="sheet".*?<\/form>/s)
  fields.set('book', 'Planted')
  fields.set('text', 'Nobody who is signed in wrote this.')
  return fields
}

test('pain 22: a server action without a session does nothing, whatever headers come along', async ({
  alice,
  siteA,
  siteB,
}) => {
  await alice.logsInAt(siteA)
  await alice.visits(siteB.home)
  const atAlder = await alice.cookiesFor(siteA)
  const atBirch = await alice.cookiesFor(siteB)
  const address = await addressForm(siteA, atAlder)
  const note = await noteForm(siteB, atBirch)

  for (const headers of [{}, ...BYPASSES]) {
    for (const cookie of ['', '__Host-session=eyJhbGciOiJkaXIifQ..a.b.c; __Host-checked=in']) {
      for (const [site, path, form] of [
        [siteA, '/orders/address', address],
        [siteB, '/notes', note],
      ] as const) {
        const response = await post(site, path, form, { ...headers, ...(cookie && { cookie }) })
        const text = await response.text()
        expect(text).not.toMatch(PRIVATE_WORDS)
        const isSentAway = response.headers.get('location')?.includes('/sso/login?')
        expect(isSentAway || text === '{}', `${path} ${JSON.stringify(headers)}`).toBe(true)
      }
    }
  }

  await alice.visits(siteA.address)
  await expect(siteA.presentAddress).toContainText('Deanery')
  await alice.visits(siteB.notes)
  await expect(alice.page.getByText('Planted')).toHaveCount(0)
})

test('pain 22: the same requests with the session do what they say, which shows that only it was missing', async ({
  alice,
  siteA,
  siteB,
}) => {
  await alice.logsInAt(siteA)
  await alice.visits(siteB.home)
  const atAlder = await alice.cookiesFor(siteA)
  const atBirch = await alice.cookiesFor(siteB)
  for (const [site, path] of privatePages(siteA, siteB)) {
    const response = await asks(site, path, { headers: { cookie: site === siteA ? atAlder : atBirch } })
    expect(await response.text(), path).toMatch(PRIVATE_WORDS)
  }
  const changed = await post(siteA, '/orders/address', await addressForm(siteA, atAlder), { cookie: atAlder })
  expect(changed.status).toBe(200)
  const kept = await post(siteB, '/notes', await noteForm(siteB, atBirch), { cookie: atBirch })
  expect(kept.status).toBe(303)
  await alice.visits(siteA.address)
  await expect(siteA.presentAddress).toContainText('1 Elsewhere')
  await alice.visits(siteB.notes)
  await expect(alice.page.getByText('Planted').first()).toBeVisible()
})

test('CK-6 a server action that another site’s page posts does nothing, session or not', async ({
  alice,
  siteA,
}) => {
  await alice.logsInAt(siteA)
  const cookie = await alice.cookiesFor(siteA)
  const form = await addressForm(siteA, cookie)
  form.set('street', '13 Forged Row')
  const response = await post(siteA, '/orders/address', form, { cookie, origin: 'http://evil.example' })
  expect(response.status).toBeGreaterThanOrEqual(400)
  await alice.visits(siteA.address)
  await expect(siteA.presentAddress).not.toContainText('Forged')
})
