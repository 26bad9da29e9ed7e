import { cedarSignsAliceIn } from './cedar.ts'
import { expect, type Person, test } from './people.ts'
import { logOf, Server } from './processes.ts'
import { ALDER, BIRCH, ISSUER } from './servers.ts'
import { runTwig } from './twig.ts'

const API = 'http://api.localhost:4101'

/** Somebody opens what the terminal shows, and answers what Grove asks. */
async function answersAt({ page }: Person, address: string, answer: 'allow' | 'deny'): Promise<void> {
  await page.goto(address)
  await page.locator(`#${answer}`).click()
  await expect(page.getByRole('heading', { name: 'Back to the terminal' })).toBeVisible()
}

test.describe('examples/cli signs in through the browser, at a port of this machine', () => {
  test.beforeEach(async ({ alice, siteA }) => alice.logsInAt(siteA))

  test('then it calls both APIs with a token for each, and prints what they say', async ({ alice }) => {
    const revoked = () => logOf('auth').match(/"grant\.revoked".*"clientId":"twig"/g)?.length ?? 0
    const before = revoked()
    const twig = runTwig()
    const address = new URL(await twig.address)
    expect(address.searchParams.get('redirect_uri')).toMatch(/^http:\/\/127\.0\.0\.1:\d{4,5}\/callback$/)
    expect(address.searchParams.get('code_challenge_method')).toBe('S256')
    expect(address.searchParams.get('dpop_jkt')).toMatch(/^[\w-]{43}$/)
    await answersAt(alice, address.href, 'allow')
    const { code, said, printed } = await twig.ended
    expect(said).toContain('Signed in as Alice Liddell.')
    expect(said + printed).toContain(`${ALDER}/api/me 200`)
    expect(said + printed).toContain(`${BIRCH}/api/notes 200`)
    expect(printed).toContain('"sub": "acc_alice"')
    expect(printed).toContain('"clientId": "twig"')
    expect(printed).toContain('"notes": [')
    expect(code).toBe(0)
    expect(said + printed, 'no token is printed').not.toMatch(/eyJ/)
    await expect.poll(revoked, 'what could bring more tokens is given back').toBe(before + 1)
  })

  test('AZ-21 the person is asked each time, by whatever program says to be it', async ({ alice }) => {
    for (const time of ['first', 'second']) {
      const twig = runTwig(`${ALDER}/api/me`)
      await answersAt(alice, await twig.address, 'allow')
      expect((await twig.ended).code, time).toBe(0)
    }
  })

  test('a person who says no is told so, and nothing is called', async ({ alice }) => {
    const twig = runTwig()
    await answersAt(alice, await twig.address, 'deny')
    const { code, said, printed } = await twig.ended
    expect([code, printed]).toEqual([1, ''])
    expect(said).toMatch(/Not signed in: .*\n$/)
    expect(said, 'a sentence, not a stack').not.toMatch(/ at .*:\d+/)
  })

  test('whatever else comes to its port is 404, and it goes on waiting', async ({ alice }) => {
    const twig = runTwig(`${ALDER}/api/me`)
    const address = await twig.address
    const { searchParams } = new URL(address)
    const [port, state] = [searchParams.get('redirect_uri'), searchParams.get('state')]
    for (const url of [`${port}?code=x&state=guessed`, `${port}?code=x`, `${port}/more?state=${state}`])
      expect((await fetch(url)).status, url).toBe(404)
    expect((await fetch(`${port}?state=${state}`, { method: 'POST' })).status).toBe(404)
    await answersAt(alice, address, 'allow')
    expect((await twig.ended).code).toBe(0)
  })
})

test.describe('examples/hono-api takes tokens of Grove', () => {
  const api = new Server({
    name: 'hono-api',
    folder: 'examples/hono-api',
    args: ['--import', 'tsx', 'main.ts'],
    port: 4101,
    readyAt: '/',
    env: { PORT: '4101', API_URL: API, ISSUER, ISSUER_INTERNAL_URL: 'http://127.0.0.1:4000' },
  })
  test.beforeAll(() => api.starts())
  test.afterAll(() => api.stops())

  const ask = (path: string, headers = {}) => fetch(`${api.internalUrl}${path}`, { headers })

  test('of the person, with the scope, from a fresh login', async ({ alice, siteA }) => {
    await alice.logsInAt(siteA)
    const twig = runTwig(...['/api/hello', '/api/words', '/api/vault'].map((path) => API + path))
    await answersAt(alice, await twig.address, 'allow')
    const { code, printed } = await twig.ended
    expect(code).toBe(0)
    expect(printed).toContain('"hello": "acc_alice"')
    expect(printed).toContain('"words": [')
    expect(printed).toContain('"secret": ')
  })

  test('without a token: 401, and the challenge says who asks', async () => {
    for (const path of ['/api/hello', '/api/words', '/api/vault']) {
      const answer = await ask(path)
      expect(answer.status, path).toBe(401)
      expect(answer.headers.get('www-authenticate')).toBe(`Bearer realm="${API}"`)
    }
  })

  test('a token that is meant for the sites opens nothing here', async ({ grove }) => {
    const { access_token } = await cedarSignsAliceIn(grove.cedarSecret)
    const answer = await ask('/api/hello', { authorization: `Bearer ${access_token}` })
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toContain('error="invalid_token"')
  })
})
