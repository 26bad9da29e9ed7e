import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { createWorld, maxAge, named } from './testing/fixtures.ts'

const AT = '/orders/address'
const typed = { name: 'Alice Liddell', street: '3 Deanery Garden', town: 'Öxford' }

async function signedIn() {
  const world = await createWorld()
  const browser = world.browser()
  await browser.signIn(world)
  const session = browser.cookies.get('__Host-session')
  const accountId = (await world.site.sessionFromCookie(session))?.user.id ?? ''
  return { ...world, world, browser, session, accountId }
}

test('pain 36: what was typed comes back to the same person at the same form, as it was', async () => {
  const { site, session, accountId } = await signedIn()
  const kept = await site.sealTyped(session, { at: AT, typed })
  expect(await site.openTyped(kept, { accountId, at: AT })).toEqual(typed)
})

test('it is nobody else’s, and no other form’s', async () => {
  const { site, session, accountId } = await signedIn()
  const kept = await site.sealTyped(session, { at: AT, typed })
  expect(await site.openTyped(kept, { accountId: 'somebody else', at: AT })).toBeNull()
  expect(await site.openTyped(kept, { accountId, at: '/orders' })).toBeNull()
})

test('it can be neither read nor made without the secret of the site', async () => {
  const { site, session, accountId } = await signedIn()
  const kept = (await site.sealTyped(session, { at: AT, typed })) ?? ''
  expect(kept).not.toContain('Deanery')
  expect(Buffer.from(kept.split('.')[3] ?? '', 'base64url').toString()).not.toContain('Deanery')
  for (const [index, letter] of [...kept].entries()) {
    const other = letter === 'A' ? 'B' : 'A'
    const changed = kept.slice(0, index) + other + kept.slice(index + 1)
    expect(await site.openTyped(changed, { accountId, at: AT })).toBeNull()
  }
  // What is sealed for another purpose is no form either.
  expect(await site.openTyped(session, { accountId, at: AT })).toBeNull()
})

test('it is good for ten minutes', async () => {
  const { site, session, accountId, clock } = await signedIn()
  const kept = await site.sealTyped(session, { at: AT, typed })
  clock.forward(599)
  expect(await site.openTyped(kept, { accountId, at: AT })).toEqual(typed)
  clock.forward(1)
  expect(await site.openTyped(kept, { accountId, at: AT })).toBeNull()
})

test('a session that has just run out still says whose it is; without one nothing is kept', async () => {
  const { site, session, accountId, clock } = await signedIn()
  clock.forward(3_600)
  expect(await site.sessionFromCookie(session)).toBeNull()
  const kept = await site.sealTyped(session, { at: AT, typed })
  expect(await site.openTyped(kept, { accountId, at: AT })).toEqual(typed)
  expect(await site.sealTyped(undefined, { at: AT, typed })).toBeUndefined()
  expect(await site.sealTyped('not a session', { at: AT, typed })).toBeUndefined()
})

test('too much is not kept, however well it could be packed', async () => {
  const { site, session } = await signedIn()
  expect(await site.sealTyped(session, { at: AT, typed: { text: 'a'.repeat(1_000) } })).toBeDefined()
  expect(await site.sealTyped(session, { at: AT, typed: { text: 'a'.repeat(1_001) } })).toBeUndefined()
  const chance = Array.from({ length: 900 }, (_, i) =>
    String.fromCodePoint(0x4e00 + ((i * 7919) % 20_000)),
  ).join('')
  expect(await site.sealTyped(session, { at: AT, typed: { text: chance } })).toBeUndefined()
})

test('pain 13: beside a form that waits two logins stay open, and all cookies are under 3 KiB', async () => {
  const { site, session, browser } = await signedIn()
  // The most that fits, of letters that cannot be packed.
  const chance = Array.from({ length: 20 }, (_, i) =>
    createHash('sha512').update(`${i}`).digest('base64'),
  ).join('')
  let kept: string | undefined
  for (let letters = 0; letters < chance.length; letters += 5) {
    kept = (await site.sealTyped(session, { at: AT, typed: { text: chance.slice(0, letters) } })) ?? kept
  }
  browser.cookies.set('__Host-typed', kept ?? '')
  for (let login = 0; login < 5; login += 1) await browser.visit(`/sso/login?returnTo=${AT}&max_age=300`)
  const logins = [...browser.cookies.keys()].filter((name) => name.startsWith('__Host-login.'))
  expect(logins).toHaveLength(2)
  expect(browser.cookieHeader.length).toBeGreaterThan(2_500)
  expect(browser.cookieHeader.length).toBeLessThan(3_072)
})

test('signing out forgets it', async () => {
  const { browser } = await signedIn()
  browser.cookies.set('__Host-typed', 'anything')
  const response = await browser.post('/sso/logout', { scope: 'site' })
  expect(maxAge(named(response.headers.getSetCookie(), '__Host-typed'))).toBe(0)
})
