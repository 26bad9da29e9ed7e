import { describe, expect, test } from 'vitest'
import {
  type AccountPageProps,
  accountPage,
  type ConsentPageProps,
  consentPage,
  errorPage,
  homePage,
  type LoginPageProps,
  loggedOutPage,
  loginPage,
  logoutConfirmPage,
  type RegisterPageProps,
  registerPage,
} from './index.ts'

const hostile = `"><script>alert('x')</script><img src=x style="color:red" onerror='alert(1)'>`
// Attributes stand in double quotes: what opens a tag, an entity or ends an attribute is escaped, and nothing else has to be.
const escaped = `&quot;>&lt;script>alert('x')&lt;/script>`
const now = new Date('2026-11-23T10:00:00Z')
const alder = { id: 'alder', name: 'Alder', uri: 'https://alder.example/' }
const login: LoginPageProps = {
  action: '/login?client_id=alder',
  formToken: 'token',
  clientName: 'Alder',
  reauth: false,
}
const device = {
  sessionId: 'session-1',
  name: 'Firefox on Linux',
  isThisOne: true,
  signedInAt: new Date('2026-11-23T09:59:48Z'),
  signedInVia: 'Alder',
  endsAt: new Date('2026-11-23T18:00:00Z'),
  sites: [alder],
}
const account: AccountPageProps = {
  account: { name: 'Alice Liddell', email: 'alice@example.com' },
  devices: [device],
  applications: [{ client: { id: 'cedar', name: 'Cedar' }, scopes: ['openid', 'odd'], at: now }],
  events: [{ type: 'login.succeeded', at: now, clientName: 'Alder' }],
  sites: [alder],
  formToken: 'token',
  now,
}
const consent: ConsentPageProps = {
  action: '/consent?client_id=cedar',
  formToken: 'token',
  accountName: 'Alice',
  client: { name: 'Cedar', uri: 'https://cedar.example/' },
  scopes: ['openid', 'email', 'odd'],
  resources: ['https://notes.example'],
  endsAt: new Date('2026-11-23T18:00:00Z'),
  isStale: false,
  now,
}
const register: RegisterPageProps = {
  action: '/register?client_id=alder',
  loginAction: '/login?client_id=alder',
  formToken: 'token',
  clientName: 'Alder',
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
  home: homePage({ sites: [{ id: hostile, name: hostile, uri: hostile }] }),
  account: accountPage({
    ...account,
    account: { name: hostile, email: hostile },
    devices: [
      {
        ...device,
        sessionId: hostile,
        name: hostile,
        signedInVia: hostile,
        sites: [{ id: hostile, name: hostile }],
      },
    ],
    applications: [{ client: { id: hostile, name: hostile, uri: hostile }, scopes: [hostile], at: now }],
    events: [{ type: hostile, at: now, clientName: hostile }],
    formToken: hostile,
    done: hostile,
    error: 'wrong_password',
  }),
  consent: consentPage({
    ...consent,
    action: hostile,
    accountName: hostile,
    client: { name: hostile, uri: hostile, policyUri: hostile, termsUri: hostile },
    scopes: [hostile],
    resources: [hostile],
    isStale: true,
  }),
  register: registerPage({
    ...register,
    action: hostile,
    loginAction: hostile,
    clientName: hostile,
    clientUri: hostile,
    name: hostile,
    email: hostile,
    error: 'common',
  }),
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

describe('account page', () => {
  const other = { ...device, sessionId: 'session-2', name: null, isThisOne: false, sites: [] }

  test('says of each device since when, where, until when, and which one this is', () => {
    const html = accountPage({ ...account, devices: [device, other] })
    expect(html).toContain('<time datetime="2026-11-23T09:59:48.000Z">12 seconds ago</time>, at Alder.')
    expect(html).toContain('<time datetime="2026-11-23T18:00:00.000Z">in 8 hours</time>')
    expect(html.match(/this browser<\/span>/g)).toHaveLength(1)
    expect(html).toContain('A device that did not say what it is')
  })

  test('F-98 each thing that can end is a form of its own, named by what it ends', () => {
    const html = accountPage({ ...account, devices: [device, other] })
    const acts = [...html.matchAll(/<form class="act-form" method="post" action="\/account">(.*?)<\/form>/gs)]
    const sent = acts.map(([, form = '']) =>
      [...form.matchAll(/ value="([^"]*)"/g)].map(([, value]) => value).join(' '),
    )
    expect(sent).toEqual([
      'token session-1 alder leave',
      'token session-1 end-device',
      'token session-2 end-device',
      'token end-all',
      'token cedar withdraw',
    ])
    expect(html).toContain('aria-label="Sign out of Alder on Firefox on Linux"')
  })

  test('with one device there is no button for all of them', () => {
    expect(accountPage(account)).not.toContain('id="end-all"')
  })

  test('6.2.6 6.2.7 passwords are typed in password fields that managers know', () => {
    const html = accountPage(account)
    expect(tag(html, 'present_password')).toMatch(/type="password" autocomplete="current-password"/)
    expect(tag(html, 'new_password')).toMatch(/type="password" autocomplete="new-password"/)
    expect(tag(html, 'new_password')).not.toMatch(/maxlength|pattern|onpaste/)
  })

  test('a problem of the password stands beside its field', () => {
    const html = accountPage({ ...account, error: 'wrong_password' })
    expect(tag(html, 'present_password')).toMatch(/aria-invalid="true" aria-describedby="form-error"/)
    expect(tag(html, 'new_password')).not.toContain('aria-invalid')
  })
})

describe('consent page', () => {
  test('AZ-21 names the client, its address, each scope in plain words, where, for how long, and the way back', () => {
    const html = consentPage(consent)
    expect(words(html, 'heading')).toBe('Allow Cedar?')
    expect(html).toContain('cedar.example')
    expect(words(html, 'scopes')).toContain('See your email address')
    expect(words(html, 'scopes')).toContain('Use its permission “odd”')
    expect(html).toContain('notes.example')
    expect(html).toContain('in 8 hours')
    expect(html).toContain('href="/account#applications"')
  })

  test('F-98 the two answers are buttons of a form', () => {
    const html = consentPage(consent)
    expect(tag(html, 'allow')).toContain('type="submit" name="intent" value="allow"')
    expect(tag(html, 'deny')).toContain('type="submit" name="intent" value="deny"')
  })

  test('DY-5 what the client says of itself is linked, and nothing of it is loaded', () => {
    const policyUri = 'https://cedar.example/policy'
    const html = consentPage({ ...consent, client: { ...consent.client, policyUri } })
    expect(tag(html, 'policy')).toContain(`href="${policyUri}"`)
    expect(html).not.toMatch(/<img|id="terms"/)
  })
})

test('6.2.7 the form for a new account has the fields that managers know', () => {
  const html = registerPage({ ...register, error: 'common' })
  expect(tag(html, 'email')).toMatch(/type="email".* autocomplete="username"/)
  expect(tag(html, 'password')).toMatch(
    /aria-describedby="form-error password-hint" type="password".* autocomplete="new-password"/,
  )
  expect(tag(html, 'name')).not.toContain('required')
})

test('a stranger is offered the sites', () => {
  const html = homePage({ sites: [alder] })
  expect(html).toContain('href="https://alder.example/"')
  expect(html).toContain('not signed in')
})

test('a registered address that is no web address is never a link', () => {
  const back = { id: 'alder', name: 'Alder', uri: 'javascript:alert(1)' }
  const pages = [
    loggedOutPage({ sites: [], back }),
    errorPage({ ...error, back }),
    homePage({ sites: [back] }),
    consentPage({
      ...consent,
      client: { name: 'x', uri: back.uri, policyUri: back.uri, termsUri: back.uri },
    }),
    loginPage({ ...login, clientUri: back.uri }),
  ]
  for (const html of pages) expect(html).not.toContain('javascript:')
})
