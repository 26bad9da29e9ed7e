import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type Browser, chromium, type Page } from '@playwright/test'
import type * as oidc from 'oidc-client-ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ALICE, openWorld, type World } from './world.ts'

const require = createRequire(import.meta.url)
const LIBRARY = readFileSync(
  require
    .resolve('oidc-client-ts/package.json')
    .replace('package.json', 'dist/browser/oidc-client-ts.min.js'),
)

let world: World
let browser: Browser
beforeAll(async () => {
  world = await openWorld((site) => ({
    token_endpoint_auth_method: 'none',
    redirect_uris: [`${site}/`],
    post_logout_redirect_uris: [`${site}/bye`],
    scope: 'openid profile email offline_access',
  }))
  world.serve((request, response) => {
    if (request.url === '/oidc.js') return response.setHeader('content-type', 'text/javascript').end(LIBRARY)
    return response.setHeader('content-type', 'text/html').end('<script src="/oidc.js"></script>')
  })
  const executablePath = process.env.CHROMIUM_PATH
  browser = await chromium.launch({
    ...(executablePath && { executablePath }),
    args: ['--disable-background-networking', '--disable-component-update', '--no-first-run'],
    chromiumSandbox: process.getuid?.() !== 0 && !process.env.CI,
  })
})
afterAll(async () => {
  await browser?.close()
  await world.close()
})

/** The library as its own page uses it. */
declare const window: { oidc: typeof oidc; manager: oidc.UserManager }

async function start(page: Page, { issuer, site }: World): Promise<void> {
  await page.evaluate(
    (settings) => {
      const userStore = new window.oidc.WebStorageStateStore({ store: sessionStorage })
      window.manager = new window.oidc.UserManager({ ...settings, userStore, loadUserInfo: true })
    },
    {
      authority: issuer,
      client_id: 'app',
      redirect_uri: `${site}/`,
      post_logout_redirect_uri: `${site}/bye`,
      scope: 'openid profile email offline_access',
    },
  )
}

test('oidc-client-ts, a public client in Chromium: code with PKCE, userinfo, refresh, revocation, logout', async () => {
  const { issuer, site } = world
  const page = await browser.newPage()
  await page.goto(site)
  await start(page, world)
  await page.evaluate(() => void window.manager.signinRedirect())
  await page.waitForURL(`${issuer}/**`)
  await page.getByLabel(/email/i).fill(ALICE.email)
  await page
    .getByLabel(/password/i)
    .first()
    .fill(ALICE.password)
  await page.getByRole('button', { name: 'Sign in' }).click()

  await page.waitForURL(`${site}/?code=**`)
  await start(page, world)
  const user = await page.evaluate(async () => ({ ...(await window.manager.signinCallback()) }))
  expect(user.profile).toMatchObject({ sub: 'acc_alice', name: 'Alice Liddell', email: 'alice@example.com' })

  const fresh = await page.evaluate(async () => ({ ...(await window.manager.signinSilent()) }))
  expect(fresh.refresh_token).toBeTruthy()
  expect(fresh.refresh_token).not.toBe(user.refresh_token)

  await page.evaluate(() => window.manager.revokeTokens())
  const asked = await page.evaluate(
    async ([address, token]) =>
      (await fetch(`${address}/userinfo`, { headers: { authorization: `Bearer ${token}` } })).status,
    [issuer, fresh.access_token],
  )
  expect(asked).toBe(401)

  await page.evaluate(() => void window.manager.signoutRedirect())
  await page.waitForURL(`${site}/bye**`)
})
