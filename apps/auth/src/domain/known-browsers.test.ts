import { expect, test } from 'vitest'
import { createKnownBrowsers } from './known-browsers.ts'

const browsers = createKnownBrowsers(['a secret of this test'])
const alice = 'alice@example.com'

test('a browser is known for those who logged in there, and for nobody else', () => {
  const cookie = browsers.remember(undefined, alice)
  expect(browsers.idFor(cookie, ' ALICE@example.com')).toBe(cookie.split('.')[0])
  expect(browsers.idFor(cookie, 'bob@example.com')).toBeUndefined()
  const both = browsers.remember(cookie, 'bob@example.com')
  for (const email of [alice, 'bob@example.com'])
    expect(browsers.idFor(both, email)).toBe(cookie.split('.')[0])
})

test('the same person again changes nothing, and after five the first is forgotten', () => {
  let cookie = browsers.remember(undefined, alice)
  expect(browsers.remember(cookie, alice)).toBe(cookie)
  for (const n of [1, 2, 3, 4, 5]) cookie = browsers.remember(cookie, `${n}@example.com`)
  expect(cookie.length).toBeLessThan(256)
  expect(browsers.idFor(cookie, alice)).toBeUndefined()
  expect(browsers.idFor(cookie, '5@example.com')).toBeDefined()
})

test('it holds no email, and cannot be made up, moved to another browser or mended', () => {
  const cookie = browsers.remember(undefined, alice)
  expect(cookie).toMatch(/^[\w-]{22}\.[\w-]{43}$/)
  const other = browsers.remember(undefined, alice)
  const [id, mac] = [cookie.split('.')[0], other.split('.')[1]]
  for (const forged of [`${id}.${mac}`, `${id}`, `${id}.`, `x${cookie}`, `${cookie}.`, '', 'nonsense'])
    expect(browsers.idFor(forged, alice)).toBeUndefined()
  const foreign = createKnownBrowsers(['another secret']).remember(undefined, alice)
  expect(browsers.idFor(foreign, alice)).toBeUndefined()
})

test('a cookie from before the secret was changed is still good, and becomes a new one', () => {
  const cookie = browsers.remember(undefined, alice)
  const changed = createKnownBrowsers(['a new secret', 'a secret of this test'])
  expect(changed.idFor(cookie, alice)).toBe(cookie.split('.')[0])
  expect(changed.remember(cookie, alice)).toMatch(/^[\w-]{22}\.[\w-]{43}$/)
})
