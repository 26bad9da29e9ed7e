import { expect, type Page, test as plain } from '@playwright/test'
import type { Span } from './otlp.ts'
import { logOf } from './processes.ts'
import { TracedGrove } from './traced.ts'

const test = plain.extend<{ grove: TracedGrove }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright wants a pattern, also where no fixture is needed
  grove: async ({}, use) => {
    const grove = await TracedGrove.starts()
    await use(grove)
    await grove.stops()
  },
})

/** What went through the browser and is nobody else's business: codes, states, cookies. */
function listens(page: Page): Set<string> {
  const secrets = new Set<string>()
  page.on('request', (request) => {
    const { searchParams } = new URL(request.url())
    for (const name of ['code', 'state', 'nonce', 'code_challenge', 'logout_hint'])
      for (const part of searchParams.get(name)?.split('.') ?? []) secrets.add(part)
  })
  return secrets
}

async function keepCookies(page: Page, secrets: Set<string>): Promise<void> {
  for (const { value } of await page.context().cookies())
    for (const part of value.split('.')) secrets.add(part)
}

test('one trace through browser redirect, site, auth and database, and nothing secret in any', async ({
  page,
  grove,
}) => {
  const secrets = listens(page)
  await page.goto(`${grove.alder}/orders?private=one-two-three`)
  await page.locator('#email').fill(grove.email)
  await page.locator('#password').fill(grove.password)
  await keepCookies(page, secrets)
  await page.locator('#login-form #sign-in').click()
  await expect(page).toHaveURL(`${grove.alder}/orders`)
  await keepCookies(page, secrets)
  await page.goto(`${grove.alder}/session`)
  await page.locator('#sign-out-everywhere').click()
  await expect(page).toHaveURL(/signed-out=everywhere/)
  await page.context().close()
  await grove.stops()

  const { spans, bodies } = grove.receiver
  const found = (service: string, name: string, traceId?: string): Span => {
    const span = spans.find(
      (one) => one.service === service && one.name === name && (traceId ?? one.traceId) === one.traceId,
    )
    if (span) return span
    throw new Error(
      `no ${name} of ${service}: ${spans.map((one) => `${one.service} ${one.name}`).join(', ')}`,
    )
  }
  const login = found('alder', 'GET /sso/login')
  const inLogin = (service: string, name: string) => found(service, name, login.traceId)
  const expectParent = (service: string, name: string, parent: Span) =>
    expect(inLogin(service, name).parentSpanId, `${service} ${name}`).toBe(parent.spanId)

  expect(login.parentSpanId).toBeUndefined()
  expectParent('auth', 'GET /authorize', login)
  expectParent('auth', 'POST /login', login)
  expectParent('auth', 'SELECT Account', inLogin('auth', 'POST /login'))
  expectParent('auth', 'INSERT Session', inLogin('auth', 'POST /login'))
  expectParent('alder', 'GET /sso/callback', login)
  expectParent('alder', 'POST /token', inLogin('alder', 'GET /sso/callback'))
  expectParent('auth', 'POST /token', inLogin('alder', 'POST /token'))
  expectParent('auth', 'INSERT Grant', inLogin('auth', 'POST /token'))

  // Before that the proxy had asked silently, in the trace of the page that was wanted.
  const silent = spans.find(
    ({ name, traceId }) =>
      name === 'Middleware.execute' &&
      spans.some((one) => one.name === 'GET /authorize' && one.traceId === traceId),
  )
  expect(found('auth', 'GET /authorize', silent?.traceId).parentSpanId).toBe(silent?.spanId)
  expect(found('alder', 'GET /sso/callback', silent?.traceId).parentSpanId).toBe(silent?.spanId)

  // The pages are Next's own spans, by their routes.
  expect(found('alder', 'GET /orders').attributes['http.route']).toBe('/orders')

  // The sign-out is another trace, and what auth then says to the site is a third, linked to it.
  const logout = found('auth', 'GET /logout')
  expect(logout.traceId).toBe(found('alder', 'POST /sso/logout').traceId)
  const delivery = found('auth', 'POST back-channel logout')
  expect(delivery.links).toEqual([expect.objectContaining({ traceId: logout.traceId })])
  expect(found('alder', 'POST /sso/backchannel-logout')).toMatchObject({
    traceId: delivery.traceId,
    parentSpanId: delivery.spanId,
  })

  const ids = new Set(spans.map(({ spanId }) => spanId))
  expect(ids.size).toBe(spans.length)
  // Of a picture that the browser gave up when it was closed Next never ends the first span: these four are whole.
  const whole = new Set([login.traceId, silent?.traceId, logout.traceId, delivery.traceId])
  const isOrphan = ({ parentSpanId }: Span) => parentSpanId !== undefined && !ids.has(parentSpanId)
  expect(spans.filter((span) => whole.has(span.traceId) && isOrphan(span))).toEqual([])

  const line =
    logOf('auth-traced')
      .split('\n')
      .findLast((text) => text.includes('"route":"/token"')) ?? '{}'
  expect(JSON.parse(line).trace_id).toBe(login.traceId)

  const sent = bodies.join('\n')
  for (const known of [
    ...Object.values(grove.secrets),
    grove.email,
    grove.password,
    'one-two-three',
    'Alice',
  ])
    expect(sent).not.toContain(known)
  for (const secret of [...secrets].filter((text) => text.length > 4)) expect(sent).not.toContain(secret)
  expect(sent).not.toMatch(/eyJ[\w-]{8}|[?&](code|state|traceparent)=/)
  expect(secrets.size).toBeGreaterThan(10)
})
