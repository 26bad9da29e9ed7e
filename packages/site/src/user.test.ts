import { describe, expect, expectTypeOf, test, vi } from 'vitest'
import type { SiteOptions } from './options.ts'
import { createSite } from './site.ts'
import { ALICE, Browser, createWorld, errorCode, SITE_URL } from './testing/fixtures.ts'
import type { Profile, UserSchema } from './user.ts'

interface Editor {
  name: string
  roles: string[]
}

/** As a schema library makes one: it takes what it knows, leaves out the rest, and says what is missing. */
const editor: UserSchema<Editor> = {
  '~standard': {
    validate(value) {
      const { name, roles = [] } = value as { name?: unknown; roles?: unknown } // any claims
      if (typeof name !== 'string') return { issues: [{ message: 'name: expected text' }] }
      if (!Array.isArray(roles) || !roles.every((role) => typeof role === 'string'))
        return { issues: [{ message: 'roles: expected a list' }] }
      return { value: { name, roles } }
    },
  },
}

/** A world whose sites ask for this schema. */
async function worldOf<T>(user: UserSchema<T>) {
  const world = await createWorld()
  const options: SiteOptions<T> = { ...world.options, user }
  const site = createSite(options)
  return { world, options, site, browser: new Browser(site) }
}

test('the user has the type of the schema, and the id is the provider’s', async () => {
  const { site, browser, world } = await worldOf(editor)
  await browser.signIn(world, { id: { roles: ['editor'], id: 'mallory' } })
  const session = await site.session(browser.cookieHeader)
  expect(session?.user).toEqual({ id: ALICE.sub, name: 'Alice Liddell', roles: ['editor'] })
  if (session) expectTypeOf(session.user).toEqualTypeOf<Editor & { id: string }>()
})

test('without a schema it is the standard claims, each of them optional', async () => {
  const world = await createWorld()
  const session = await world.site.session(null)
  expectTypeOf(session).toExtend<{ user: Profile & { id: string } } | null>()
  expectTypeOf<NonNullable<typeof session>['user']['name']>().toEqualTypeOf<string | undefined>()
})

test('an API knows of a bearer token no more than the id, and its type says so', async () => {
  const { site, world, options } = await worldOf(editor)
  const token = await world.issuer.accessToken(options, { sub: 'alice' })
  const request = new Request(SITE_URL, { headers: { authorization: `Bearer ${token}` } })
  const answer = await site.bearer(request)
  if (!('session' in answer)) throw new Error('refused')
  expect(answer.session.user).toEqual({ id: 'alice' })
  expectTypeOf(answer.session.user.roles).toEqualTypeOf<string[] | undefined>()
})

describe('a user that does not fit', () => {
  test('is a plain page with a stable code, and no session', async () => {
    const log = vi.spyOn(console, 'error').mockReturnValue()
    const { browser, world } = await worldOf(editor)
    const response = await browser.signIn(world, { id: { roles: 'editor' } })
    expect(response.status).toBe(403)
    expect(await errorCode(response.clone())).toBe('user_invalid')
    expect(browser.cookies.has('__Host-session')).toBe(false)
    expect(await response.text(), 'for the log alone').not.toContain('expected a list')
    expect(log.mock.lastCall?.[0]).toContain('roles: expected a list')
    log.mockRestore()
  })

  test('is nobody, when nobody asked to sign in', async () => {
    const log = vi.spyOn(console, 'error').mockReturnValue()
    const { site, browser, world } = await worldOf(editor)
    const arrival = await site.arrive(browser.request('/orders'))
    if (arrival.kind !== 'redirect') throw new Error(arrival.kind)
    browser.take(arrival.cookies)
    const response = await browser.visit(world.approve(arrival.location, { id: { roles: 1 } }))
    expect(response.headers.get('location')).toBe(`${SITE_URL}/orders`)
    expect(browser.cookies.has('__Host-session')).toBe(false)
    log.mockRestore()
  })

  test('ends the session when it is refreshed', async () => {
    const log = vi.spyOn(console, 'error').mockReturnValue()
    const { site, browser, world } = await worldOf(editor)
    const grant = { id: { roles: ['editor'] } as Record<string, unknown> }
    await browser.signIn(world, grant)
    grant.id.roles = 'none'
    world.clock.forward(280)
    const arrival = await site.arrive(browser.request('/', { headers: { 'sec-fetch-dest': 'empty' } }))
    expect(arrival).toMatchObject({ kind: 'pass', session: null })
    log.mockRestore()
  })

  test('is no session when the site asks for more than it did when the cookie was sealed', async () => {
    const { world, browser } = await worldOf(editor)
    await browser.signIn(world, { id: { roles: ['editor'] } })
    const strict: UserSchema<{ badge: string }> = {
      '~standard': { validate: () => ({ issues: [{ message: 'badge is missing' }] }) },
    }
    const newer = createSite({ ...world.options, clientId: `${world.options.clientId}-later`, user: strict })
    expect(await newer.session(browser.cookieHeader)).toBeNull()
  })

  test.each([
    [
      'takes more room than the cookie has',
      ALICE,
      { '~standard': { validate: () => ({ value: { name: 'x'.repeat(1_024) } }) } },
    ],
    ['throws', ALICE, { '~standard': { validate: () => Promise.reject(new TypeError('fetch failed')) } }],
    ['gives a number without end', ALICE, { '~standard': { validate: () => ({ value: { n: 1n } }) } }],
    ['gives no object', ALICE, { '~standard': { validate: () => ({ value: 'Alice' }) } }],
    [
      'does not take what it gave',
      ALICE,
      { '~standard': { validate: (claims: { name: string }) => ({ value: { name: `Dr ${claims.name}` } }) } },
    ],
    [
      'gives what JSON cannot hold',
      ALICE,
      {
        '~standard': {
          validate: ({ roles = new Set(['a']) }: { roles?: unknown }) => ({ value: { roles } }),
        },
      },
    ],
  ])('%s', async (_, id, schema) => {
    const log = vi.spyOn(console, 'error').mockReturnValue()
    const { browser, world } = await worldOf(schema as UserSchema<object>) // as: each is wrong in its way
    const response = await browser.signIn(world, { id })
    expect(await errorCode(response)).toBe('user_invalid')
    log.mockRestore()
  })
})

test('pain 12: what the provider says anew at a refresh is taken, and what it says no more is gone', async () => {
  const rights: UserSchema<{ roles?: string[] }> = {
    '~standard': {
      validate: (claims) => {
        const { roles } = claims as { roles?: string[] } // as: of this test
        return { value: roles ? { roles } : {} }
      },
    },
  }
  const { site, browser, world } = await worldOf(rights)
  const grant = { id: { roles: ['editor'] } as Record<string, unknown> }
  await browser.signIn(world, grant)
  for (const roles of [['editor', 'owner'], undefined]) {
    grant.id.roles = roles
    world.clock.forward(280)
    const arrival = await site.arrive(browser.request('/'))
    browser.take(arrival.cookies)
    const session = await site.session(browser.cookieHeader)
    expect(session).not.toBeNull()
    expect(session?.user.roles).toEqual(roles)
  }
})

test('a schema that gives a date gives a date, also out of the cookie, and may take its time', async () => {
  const schema: UserSchema<{ born: Date }> = {
    '~standard': {
      validate: async (claims) => ({ value: { born: new Date((claims as { born: string }).born) } }), // as: of this test
    },
  }
  const { site, browser, world } = await worldOf(schema)
  await browser.signIn(world, { id: { born: '1852-05-04' } })
  const again = createSite({ ...world.options, clientId: `${world.options.clientId}-other`, user: schema })
  for (const process of [site, again]) {
    expect((await process.session(browser.cookieHeader))?.user.born).toEqual(new Date('1852-05-04'))
  }
})

test('signedIn() takes a user of the schema’s type', async () => {
  const { site, world, options } = await worldOf(editor)
  const cookie = await world.issuer.signedIn(options, { id: 'bob', name: 'Bob', roles: ['reader'] })
  expect((await site.session(cookie))?.user.roles).toEqual(['reader'])
  // @ts-expect-error a user without roles is none of this site
  await world.issuer.signedIn(options, { id: 'bob', name: 'Bob' })
})
