import { expect, test, vi } from 'vitest'
import { createSite } from './site.ts'
import { createWorld, SITE_URL } from './testing/fixtures.ts'
import { forgetSites } from './testing/index.ts'

vi.spyOn(console, 'error').mockImplementation(() => {})

type Answer = Record<string, unknown>
const json = (answer: Answer) => Response.json(answer)
const but = (over: Answer) => (answer: Answer) => json({ ...answer, ...over })

/** A login at a provider that answers one path in another way than it should. */
async function signsIn(path: string, change: (answer: Answer) => Response) {
  const world = await createWorld()
  forgetSites()
  const ask = world.options.fetch ?? fetch
  const site = createSite({
    ...world.options,
    fetch: async (input, init) => {
      const response = await ask(input, init)
      const { pathname } = new URL(input instanceof Request ? input.url : input)
      return pathname === path ? change(await response.json()) : response
    },
  })
  const browser = world.browser(site)
  const login = await browser.visit('/sso/login')
  const location = login.headers.get('location')
  const response = location ? await browser.visit(world.approve(location)) : login
  return { response, isSignedIn: browser.cookies.has('__Host-session') }
}

test('an answer as it should be signs in, which shows that the faults below are what is refused', async () => {
  for (const path of ['/token', '/.well-known/openid-configuration']) {
    const { response, isSignedIn } = await signsIn(path, json)
    expect([response.headers.get('location'), isSignedIn]).toEqual([`${SITE_URL}/`, true])
  }
})

const typed = (type: string) => (answer: Answer) =>
  new Response(JSON.stringify(answer), { headers: { 'content-type': type } })

test.each<[string, string, (answer: Answer) => Response]>([
  ['of another type', '/token', typed('text/html')],
  ['of no type', '/token', typed('')],
  ['that is a list', '/token', (answer) => Response.json([answer])],
  ['with another status', '/token', (answer) => Response.json(answer, { status: 202 })],
  ['without access_token', '/token', but({ access_token: undefined })],
  ['whose access_token is a number', '/token', but({ access_token: 1 })],
  [
    'whose access_token is a list',
    '/token',
    ({ access_token, ...answer }) => json({ ...answer, access_token: [access_token] }),
  ],
  ['without id_token', '/token', but({ id_token: undefined })],
  [
    'whose id_token is a list',
    '/token',
    ({ id_token, ...answer }) => json({ ...answer, id_token: [id_token] }),
  ],
  ['without token_type', '/token', but({ token_type: undefined })],
  ['whose token_type is a list', '/token', but({ token_type: ['Bearer'] })],
  ['whose refresh_token is a number', '/token', but({ refresh_token: 1 })],
  ['whose expires_in is a word', '/token', but({ expires_in: 'soon' })],
  ['of another type', '/.well-known/openid-configuration', typed('text/html')],
  ['without issuer', '/.well-known/openid-configuration', but({ issuer: undefined })],
  [
    'whose issuer is a list',
    '/.well-known/openid-configuration',
    ({ issuer, ...answer }) => json({ ...answer, issuer: [issuer] }),
  ],
  ['without token_endpoint', '/.well-known/openid-configuration', but({ token_endpoint: undefined })],
  ['whose token_endpoint is a number', '/.well-known/openid-configuration', but({ token_endpoint: 7 })],
])('X-17 an answer %s of %s is refused with a page, and nobody is signed in', async (_, path, change) => {
  const { response, isSignedIn } = await signsIn(path, change)
  expect([response.status >= 400, response.headers.get('location'), isSignedIn]).toEqual([true, null, false])
})
