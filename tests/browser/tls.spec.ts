import { expect, test } from './people.ts'
import { IMPOSTOR } from './replicated.ts'

const HOSTS = ['alder.test', 'auth.grove.test', 'birch.test']

test('CK-5 CK-12 one login for three registrable domains, over TLS alone, and no domain has a cookie of another', {
  tag: '@replicated',
}, async ({ alice, siteA, siteB, root }) => {
  const asked: string[] = []
  alice.page.on('request', (request) => asked.push(request.url()))
  const complaints: string[] = []
  alice.page.on('console', (message) => complaints.push(message.text()))

  await alice.logsInAt(siteA)
  alice.journey.length = 0
  await siteA.linkToBirch.click()
  await expect(siteB.greeting).toHaveText('Hello Alice')
  await expect(siteB.why).toContainText('Alder')
  expect(alice.journey.map((request) => new URL(request.url()).pathname)).toEqual([
    '/',
    '/authorize',
    '/sso/callback',
    '/',
  ])
  for (const request of alice.journey)
    expect((await request.allHeaders())['sec-fetch-site'], request.url()).toBe('cross-site')

  const cookies = await alice.context.cookies()
  expect([...new Set(cookies.map(({ domain }) => domain))].sort()).toEqual(HOSTS)
  for (const cookie of cookies) {
    expect(cookie, cookie.name).toMatchObject({ secure: true, httpOnly: true, path: '/' })
    expect(cookie.name).toMatch(/^__Host-/)
  }
  for (const host of HOSTS)
    for (const { domain } of await alice.context.cookies(`https://${host}`)) expect(domain).toBe(host)

  const answer = await alice.page.goto(root.home)
  expect(await answer?.headerValue('strict-transport-security')).toMatch(/^max-age=\d{8,}/)
  expect(new Set(asked.map((url) => new URL(url).protocol))).toEqual(new Set(['https:']))
  expect(new Set(asked.map((url) => new URL(url).host))).toEqual(new Set(HOSTS))
  expect(complaints.filter((text) => /mixed content|insecure/i.test(text))).toEqual([])
})

test('a certificate of another authority gets nobody in, and a name that is not ours gets none', {
  tag: '@replicated',
}, async ({ alice }) => {
  await expect(alice.visits(`https://${IMPOSTOR.name}/`)).rejects.toThrow('ERR_CERT_AUTHORITY_INVALID')
  await expect(alice.visits('https://larch.test/')).rejects.toThrow(/ERR_(CONNECTION_CLOSED|SSL_)/)
})
