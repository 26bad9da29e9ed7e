import { describe, expect, test } from 'vitest'
import {
  errorPage,
  homePage,
  type LoginPageProps,
  loggedOutPage,
  loginPage,
  logoutConfirmPage,
} from './index.ts'

const hostile = `"><script>alert('x')</script><img src=x style="color:red" onerror='alert(1)'>`
const escaped = '&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;'
const now = new Date('2026-11-23T10:00:00Z')
const alder = { name: 'Alder', uri: 'https://alder.example/' }
const login: LoginPageProps = {
  action: '/login?client_id=alder',
  formToken: 'token',
  clientName: 'Alder',
  reauth: false,
}
const account = {
  name: 'Alice Liddell',
  email: 'alice@example.com',
  signedInAt: new Date('2026-11-23T09:59:48Z'),
  signedInVia: 'Alder',
  endsAt: new Date('2026-11-23T18:00:00Z'),
}
const confirm = { action: '/logout', formToken: 'token', accountName: 'Alice', carry: { state: 's1' } }
const error = { code: 'invalid_redirect_uri', description: 'That address is not registered.', status: 400 }

/** The opening tag of the element with this id. */
function tag(html: string, id: string): string {
  return html.match(new RegExp(`<[a-z1-6]+ (?:[^>]* )?id="${id}"[^>]*>`))?.[0] ?? `nothing with id ${id}`
}

/** What stands inside the element with this id, tags removed. */
function words(html: string, id: string): string {
  const [, name, inside = ''] =
    html.match(new RegExp(`<([a-z1-6]+)[^>]* ?id="${id}"[^>]*>(.*?)</\\1>`, 's')) ?? []
  return name ? inside.replaceAll(/<[^>]+>/g, '').trim() : `nothing with id ${id}`
}

const everyPage: Record<string, string> = {
  login: loginPage({
    ...login,
    action: hostile,
    formToken: hostile,
    clientName: hostile,
    clientUri: hostile,
    email: hostile,
    error: 'credentials',
    demo: [{ email: hostile, password: hostile }],
  }),
  reauth: loginPage({ ...login, clientName: hostile, reauth: true }),
  'logout confirm': logoutConfirmPage({
    action: hostile,
    formToken: hostile,
    accountName: hostile,
    clientName: hostile,
    carry: { [hostile]: hostile },
  }),
  'logged out': loggedOutPage({
    sites: [{ name: hostile, uri: hostile, told: 'pending' }],
    back: { name: hostile, uri: 'https://alder.example/"><script>' },
  }),
  error: errorPage({ code: hostile, title: hostile, description: hostile, status: 400 }),
  home: homePage({
    account: { ...account, name: hostile, email: hostile, signedInVia: hostile },
    sites: [{ name: hostile, uri: hostile }],
    logoutAction: hostile,
    now,
  }),
  'home of nobody': homePage({ sites: [{ name: hostile, uri: hostile }], logoutAction: hostile, now }),
}

describe.each(Object.entries(everyPage))('AZ-13 %s page, given hostile texts', (_, html) => {
  test('shows them as text', () => {
    expect(html).toContain(escaped)
    expect(html).not.toContain('<img')
    expect(html).not.toMatch(/<script/i)
  })

  test('carries no style and no event handler of its own', () => {
    expect(html.replaceAll(/&[#a-z0-9]+;/g, '')).not.toMatch(/<style|<[^>]+ on[a-z]+=["']/i)
    expect(html).not.toMatch(/ style="/)
  })

  test('is a whole document with a language, a title, one main and one first heading', () => {
    expect(html).toMatch(/^<!doctype html><html lang="en">/)
    for (const once of ['<title>', '<main ', '<header ', '<h1 ']) expect(html.split(once)).toHaveLength(2)
  })

  test('asks for nothing from elsewhere', () => {
    const head = html.slice(0, html.indexOf('</head>'))
    const addresses = [...head.matchAll(/href="([^"]+)"/g)].map((match) => match[1])
    expect(addresses.length).toBeGreaterThan(0)
    for (const address of addresses) expect(address).toMatch(/^\/assets\/[\w/.-]+\?v=[0-9a-f]{12}$/)
  })
})

describe('D-1 login page', () => {
  test('is a form that works without script', () => {
    const html = loginPage(login)
    expect(tag(html, 'login-form')).toMatch(/^<form .*method="post" action="\/login\?client_id=alder"/)
    expect(html).toContain('<input type="hidden" name="form_token" value="token"/>')
    expect(tag(html, 'email')).toMatch(/name="email".* type="email".* autocomplete="username"/)
    expect(tag(html, 'password')).toMatch(/name="password".* type="password" autocomplete="current-password"/)
    expect(tag(html, 'sign-in')).toMatch(/^<button .*type="submit" name="intent" value="sign-in"/)
    expect(tag(html, 'cancel')).toMatch(
      /^<button .*type="submit" name="intent" value="cancel" formnovalidate/,
    )
  })

  test('the Enter key signs in: that button comes first', () => {
    const html = loginPage(login)
    expect(html.indexOf('id="sign-in"')).toBeLessThan(html.indexOf('id="cancel"'))
  })

  test('says where it leads, with the host of that site', () => {
    const html = loginPage({ ...login, clientUri: 'https://alder.example:8443/shop' })
    expect(html).toContain('to continue to Alder')
    expect(html).toContain('>alder.example:8443<')
    expect(html).toContain('<title>Sign in to continue to Alder · Grove</title>')
  })

  test('says why when a fresh login is asked for', () => {
    expect(loginPage({ ...login, reauth: true })).toContain('Alder asks you to sign in again')
    expect(loginPage(login)).not.toContain('sign in again')
  })

  test('keeps the email and never a password', () => {
    const html = loginPage({ ...login, email: 'alice@example.com', error: 'credentials' })
    expect(tag(html, 'email')).toContain('value="alice@example.com"')
    expect(tag(html, 'password')).not.toContain('value=')
  })

  test.each([
    ['credentials', undefined, 'do not belong together', ['email', 'password']],
    ['missing', undefined, 'Enter your email address', ['email']],
    ['missing', 'alice@example.com', 'Enter your password', ['password']],
    ['stale_form', undefined, 'sign in once more', []],
    ['too_many', undefined, 'try again in 2 minutes', []],
  ] as const)('error %s (email: %s) says "%s" and marks %j', (error, email, sentence, marked) => {
    const html = loginPage({ ...login, error, email, retryAfterSeconds: 120 })
    expect(tag(html, 'form-error')).toContain('role="alert"')
    expect(words(html, 'form-error')).toContain(sentence)
    for (const field of ['email', 'password'] as const) {
      expect(tag(html, field)).toContain('aria-describedby="form-error"')
      expect(tag(html, field).includes('aria-invalid="true"')).toBe(
        (marked as readonly string[]).includes(field),
      )
    }
  })

  test('without an error nothing is announced', () => {
    expect(loginPage(login)).not.toMatch(/form-error|aria-invalid/)
  })

  test('shows demo accounts only when it is given some', () => {
    const demo = [{ email: 'alice@example.com', password: 'wonderland-1865' }]
    expect(loginPage({ ...login, demo })).toContain('wonderland-1865')
    expect(loginPage({ ...login, demo: [] })).not.toContain('Demo accounts')
    expect(loginPage(login)).not.toContain('Demo accounts')
  })
})

describe('D-1 logout pages', () => {
  test('the question is a form that carries the request along', () => {
    const html = logoutConfirmPage(confirm)
    expect(tag(html, 'logout-form')).toContain('method="post" action="/logout"')
    expect(html).toContain('<input type="hidden" name="form_token" value="token"/>')
    expect(html).toContain('<input type="hidden" name="state" value="s1"/>')
    expect(tag(html, 'confirm-logout')).toContain('type="submit" name="intent" value="confirm"')
    expect(tag(html, 'stay')).toContain('type="submit" name="intent" value="stay"')
  })

  test('the answer says of each site whether it has heard', () => {
    const html = loggedOutPage({
      sites: [
        { ...alder, told: 'confirmed' },
        { name: 'Birch', told: 'pending' },
        { name: 'Cedar', told: 'not_needed' },
      ],
      back: alder,
    })
    const told = words(html, 'sites-told')
    expect(told).toContain('Alder signed you out')
    expect(told).toContain('Birch is being told')
    expect(told).toContain('Cedar had no login of yours')
    expect(tag(html, 'back')).toContain('href="https://alder.example/"')
  })
})

describe('D-2 error page', () => {
  test('shows the code as it is, in an element with an id', () => {
    expect(words(errorPage(error), 'error-code')).toBe('invalid_redirect_uri')
  })

  test('offers a way back only when given one', () => {
    expect(words(errorPage({ ...error, back: alder }), 'back')).toBe('Back to Alder')
    expect(errorPage(error)).not.toContain('id="back"')
  })

  test('blames itself from status 500 on', () => {
    expect(words(errorPage({ ...error, status: 503 }), 'heading')).toBe('Grove cannot answer right now')
    expect(words(errorPage(error), 'heading')).toBe('This cannot go on')
  })
})

describe('home page', () => {
  test('says who is signed in, since when, where, and until when', () => {
    const html = homePage({ account, sites: [alder], logoutAction: '/logout', now })
    expect(html).toContain('<time datetime="2026-11-23T09:59:48.000Z">12 seconds ago, at Alder</time>')
    expect(html).toContain('<time datetime="2026-11-23T18:00:00.000Z">in 8 hours</time>')
    expect(html).toContain('signed in with Grove')
    expect(tag(html, 'sign-out')).toContain('href="/logout"')
  })

  test('signed out it offers the sites and nothing to sign out of', () => {
    const html = homePage({ sites: [alder], logoutAction: '/logout', now })
    expect(html).toContain('href="https://alder.example/"')
    expect(html).toContain('not signed in')
    expect(html).not.toContain('id="sign-out"')
  })
})

test('a registered address that is no web address is never a link', () => {
  const back = { name: 'Alder', uri: 'javascript:alert(1)' }
  const pages = [
    loggedOutPage({ sites: [], back }),
    errorPage({ ...error, back }),
    homePage({ sites: [back], logoutAction: '/logout', now }),
    loginPage({ ...login, clientUri: back.uri }),
  ]
  for (const html of pages) expect(html).not.toContain('javascript:')
})
