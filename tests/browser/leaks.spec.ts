import type { Page, Response } from '@playwright/test'
import { expect, type Person, test } from './people.ts'

/** A signed token: three parts and no more. A code is a sealed text of five parts, and belongs in a URL. */
const SIGNED_TOKEN = /eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}(?![\w-]*\.)/
/** A refresh token: grant, generation, MAC. */
const REFRESH_TOKEN = /\b[\w-]+\.\d+\.[\w-]{40,}\b/

/** Who a form is from, for one browser and one use: it has to stand in the form, and is worth nothing anywhere else. */
const FORM_TOKEN = /name=\\?"form_token\\?" value=\\?"[\w.-]+/g

interface Sight {
  where: string
  text: string
}

/** Everything that reaches a page or its address bar: URLs, bodies (HTML, RSC, scripts), and the headers a script can read. */
function watches(page: Page): () => Promise<Sight[]> {
  const responses: Response[] = []
  page.on('response', (response) => responses.push(response))
  return async () => {
    const sights = responses.map(async (response): Promise<Sight[]> => {
      const url = response.url()
      const isStream = (response.headers()['content-type'] ?? '').includes('event-stream')
      const isRedirect = response.status() >= 300 && response.status() < 400
      const body = isStream || isRedirect ? '' : await response.text().catch(() => '')
      return [
        { where: `the address ${url}`, text: url },
        { where: `the headers of ${url}`, text: JSON.stringify(response.headers()) },
        { where: `the body of ${url}`, text: body },
      ]
    })
    return (await Promise.all(sights)).flat()
  }
}

/** What a script of the page could find: storage of every kind, cookies without HttpOnly, the whole document. */
const readable = (person: Person): Promise<string> =>
  person.page.evaluate(async () => {
    const databases = await indexedDB.databases()
    const caches = await window.caches.keys()
    return JSON.stringify([
      { ...localStorage },
      { ...sessionStorage },
      document.cookie,
      databases,
      caches,
      history.state,
      document.documentElement.outerHTML,
    ])
  })

test('BF-1 pain 27: no token is in a page, a router payload, a storage or an address', async ({
  alice,
  siteA,
  siteB,
  root,
}) => {
  const sights = watches(alice.page)
  const found: Sight[] = []

  await alice.logsInAt(siteA)
  for (const address of [
    siteA.home,
    siteA.orders,
    siteA.session,
    siteB.home,
    siteB.notes,
    siteB.session,
    root.home,
  ]) {
    await alice.visits(address)
    await alice.page.waitForLoadState('networkidle').catch(() => undefined)
    found.push({ where: `what scripts can read at ${address}`, text: await readable(alice) })
  }
  // By the links too: then the router asks for payloads instead of pages.
  for (const site of [siteA, siteB]) {
    await alice.visits(site.home)
    for (const path of ['/orders', '/notes', '/session']) {
      const link = alice.page.locator(`a[href="${path}"]`).first()
      if (!(await link.isVisible())) continue
      await link.click()
      await alice.page.waitForURL(site.at(path))
      found.push({ where: `what scripts can read at ${path}`, text: await readable(alice) })
    }
  }
  found.push(...(await sights()))
  expect(found.filter(({ text }) => text.length > 0).length, 'there was much to see').toBeGreaterThan(40)

  const secrets = (await alice.context.cookies())
    .filter(({ name, value }) => value.length > 20 && !name.startsWith('__Host-login.'))
    .map(({ name, value }) => ({ name, value }))
  expect(secrets.map(({ name }) => name)).toEqual(expect.arrayContaining(['__Host-session', '__Host-sso']))

  for (const { where, text: seen } of found) {
    const text = seen.replaceAll(FORM_TOKEN, '')
    expect(text.match(SIGNED_TOKEN)?.[0], where).toBeUndefined()
    if (!where.includes('/_next/')) expect(text.match(REFRESH_TOKEN)?.[0], where).toBeUndefined()
    for (const { name, value } of secrets) expect(text.includes(value), `${name} in ${where}`).toBe(false)
  }
})
