import { expect, test } from 'vitest'
import { about, call, listed, PAGE } from './cors.contract.ts'

test('the routes that sign in and out are shared with nobody', async () => {
  const world = await listed()
  for (const path of ['/sso/login', '/sso/events', '/sso/logged-out']) {
    const response = await world.site.handle(call({ origin: PAGE }, 'GET', path))
    expect(about(response ?? expect.unreachable())).toEqual({})
  }
})
