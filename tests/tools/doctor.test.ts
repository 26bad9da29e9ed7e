import { expect, test } from 'vitest'
import { auth, listens, site } from './neighbours.ts'
import { type Patient, patients, resolver } from './patient.ts'

const ISSUER = 'http://auth.localhost:4000'
const patient = patients()

test('a house that is well: nothing is wrong, and the doctor ends with 0', async () => {
  const said = await patient().sees()
  expect(said.text).toContain('Nothing is wrong.')
  expect(said.text).toContain('Auth is not running')
  expect(said.text).toMatch(/^clock +not known$/m)
  expect(said.code).toBe(0)
})

test('a house that runs: its ports are taken by itself, its names and its clock agree', async () => {
  const { auth: ofAuth, alder, birch } = patient()
  ofAuth.PORT = await patient().has(auth(ISSUER))
  alder.ISSUER_INTERNAL_URL = birch.ISSUER_INTERNAL_URL = `http://127.0.0.1:${ofAuth.PORT}`
  alder.PORT = await patient().has(site())
  birch.PORT = await patient().has(site())
  const { code, text } = await patient().sees()
  expect(text).not.toContain('not known')
  expect(text).not.toContain('not running')
  expect({ code, wrong: /WRONG.*/.exec(text)?.[0] }).toEqual({ code: 0, wrong: undefined })
})

test('a PostgreSQL server is not asked, and its password is not shown', async () => {
  patient().auth.DATABASE_URL = 'postgres://grove:hunter2@db.example/auth'
  const { code, text } = await patient().sees()
  expect(text).toMatch(/^database +not known$/m)
  expect(text).not.toContain('hunter2')
  expect(code).toBe(0)
})

test('a fresh clone has no secrets yet, which is a note and no fault', async () => {
  for (const settings of [patient().auth, patient().alder, patient().birch])
    for (const name of Object.keys(settings)) if (name.endsWith('SECRET')) settings[name] = undefined
  const { code, text } = await patient().sees()
  expect(code).toBe(0)
  expect(text).toContain('Not there yet: AUTH_SECRET of Grove')
})

interface Illness {
  is: string
  breaks: (patient: Patient) => unknown
  /** What is wrong, and a part of the fix. */
  says: [what: string | RegExp, fix: string | RegExp]
  on?: string
  env?: Record<string, string>
}

const illnesses: Illness[] = [
  {
    is: 'a port that another program has',
    breaks: async (it) => {
      it.alder.PORT = await it.has(listens((_, response) => response.end('hello')))
    },
    says: [/Port \d+, where Alder belongs, is taken by another program/, 'lsof -i :'],
  },
  {
    is: 'the port of auth, taken by somebody else’s auth',
    breaks: async (it) => {
      it.auth.PORT = await it.has(auth('http://elsewhere.localhost:4000'))
    },
    says: [/Port \d+, where Grove belongs, is taken/, 'lsof -i :'],
  },
  {
    is: 'two apps on one port',
    breaks: (it) => {
      it.birch.PORT = it.alder.PORT
    },
    says: ['Alder and Birch both want port', 'another PORT, in apps/site-b/.env.local'],
  },
  {
    is: 'a port that is no number',
    breaks: (it) => {
      it.auth.PORT = '70000'
    },
    says: ['PORT of Grove is "70000"', 'write a number into apps/auth/.env.local'],
  },
  {
    is: 'a name under localhost that leads to another machine',
    breaks: () => {},
    on: resolver({ 'auth.localhost': '10.0.0.7' }),
    says: ['auth.localhost leads to 10.0.0.7', 'out of /etc/hosts'],
  },
  {
    is: 'a public name that nobody knows',
    breaks: (it) => {
      it.alder.SITE_URL = 'https://shop.example'
    },
    on: resolver({}),
    says: ['Nobody knows the name shop.example', 'DNS record for shop.example'],
  },
  {
    is: 'a site that would have to find auth.localhost itself',
    breaks: (it) => {
      it.alder.ISSUER = ISSUER
      it.alder.ISSUER_INTERNAL_URL = undefined
    },
    on: resolver({}),
    env: { NODE_ENV: 'production' },
    says: [
      'Node does not find auth.localhost, and Alder has no ISSUER_INTERNAL_URL',
      'ISSUER_INTERNAL_URL=http://127.0.0.1:4000',
    ],
  },
  {
    is: 'an address with a slash at its end',
    breaks: (it) => {
      it.alder.SITE_URL = 'http://site-a.localhost:4001/'
    },
    says: ['SITE_URL of Alder is "http://site-a.localhost:4001/"', 'apps/site-a/.env.local'],
  },
  {
    is: 'plain http at a public name',
    breaks: (it) => {
      it.alder.SITE_URL = 'http://shop.example'
    },
    says: ['SITE_URL of Alder is http://shop.example', 'put https before it'],
  },
  {
    is: 'two apps at one name: cookies know no ports',
    breaks: (it) => {
      it.alder.SITE_URL = 'http://localhost:4001'
      it.birch.SITE_URL = 'http://localhost:4002'
    },
    says: ['Alder and Birch are both at localhost', 'http://birch.localhost:4002'],
  },
  {
    is: 'a site that trusts another issuer than auth is',
    breaks: (it) => {
      it.birch.ISSUER = 'http://auth.localhost:4000/'
    },
    says: [
      'ISSUER of Birch is http://auth.localhost:4000/, and auth calls itself http://auth.localhost:4000',
      `put ISSUER=${ISSUER} into apps/site-b/.env.local`,
    ],
  },
  {
    is: 'an auth that calls itself otherwise than it was told',
    breaks: async (it) => {
      it.alder.ISSUER_INTERNAL_URL = `http://127.0.0.1:${await it.has(auth('http://auth:4000'))}`
    },
    says: [
      /answers an auth that calls itself http:\/\/auth:4000; Alder expects/,
      'the same; ISSUER_INTERNAL_URL may differ',
    ],
  },
  {
    is: 'an internal address where something else answers',
    breaks: async (it) => {
      it.alder.ISSUER_INTERNAL_URL = `http://127.0.0.1:${await it.has(listens((_, answer) => answer.end('<h1>It works</h1>')))}`
    },
    says: [/What answers Alder at .* \(ISSUER_INTERNAL_URL\) is not auth/, 'as ISSUER_INTERNAL_URL'],
  },
  {
    is: 'an internal address where nobody answers, while auth runs',
    breaks: async (it) => {
      const nobody = it.alder.ISSUER_INTERNAL_URL
      it.auth.PORT = await it.has(auth(ISSUER))
      it.birch.ISSUER_INTERNAL_URL = `http://127.0.0.1:${it.auth.PORT}`
      it.alder.ISSUER_INTERNAL_URL = nobody
    },
    says: [
      /Alder does not reach auth: nobody answers at .* \(ISSUER_INTERNAL_URL\)/,
      'as ISSUER_INTERNAL_URL',
    ],
  },
  ...[-90, 90].map((ahead) => ({
    is: `a clock of auth that is ${ahead} s ahead`,
    breaks: async (it: Patient) => {
      it.auth.PORT = await it.has(auth(ISSUER, ahead))
      it.alder.ISSUER_INTERNAL_URL = it.birch.ISSUER_INTERNAL_URL = `http://127.0.0.1:${it.auth.PORT}`
    },
    says: [
      ahead > 0 ? /The clock of auth is (89|90) s ahead of/ : /The clock of auth is 9[01] s behind/,
      'timedatectl set-ntp true',
    ] as [RegExp, string],
  })),
  {
    is: 'a secret that is too short',
    breaks: (it) => {
      it.alder.SESSION_SECRET = 'too-short-a-secret'
    },
    says: [
      'SESSION_SECRET of Alder is shorter than 32 characters',
      'apps/site-a/.env.local, the value from: openssl rand -base64 33',
    ],
  },
  {
    is: 'a ring of secrets whose second one is too short',
    breaks: (it) => {
      it.auth.AUTH_SECRET = `${it.auth.AUTH_SECRET}, short`
    },
    says: ['AUTH_SECRET of Grove is shorter than 32 characters', 'openssl rand'],
  },
  {
    is: 'one secret in two places',
    breaks: (it) => {
      it.birch.SESSION_SECRET = it.alder.SESSION_SECRET
    },
    says: [
      'SESSION_SECRET of Alder and SESSION_SECRET of Birch are the same',
      'put a new one into apps/site-b/.env.local',
    ],
  },
  {
    is: 'a session secret that is the client secret of the same site too',
    breaks: (it) => {
      it.alder.SESSION_SECRET = it.alder.CLIENT_SECRET
    },
    says: ['CLIENT_SECRET of Alder and SESSION_SECRET of Alder are the same', 'openssl rand'],
  },
  {
    is: 'a client secret that auth does not have',
    breaks: (it) => {
      it.alder.CLIENT_SECRET = 'development-another-one-of-forty-eight-characters'
    },
    says: ['CLIENT_SECRET of Alder is not what auth has as ALDER_CLIENT_SECRET', 'one value'],
  },
  {
    is: 'a database in a folder that is a file',
    breaks: (it) => {
      it.auth.DATABASE_URL = 'file:package.json/auth.db'
    },
    says: [/auth\.db cannot be made: .*package\.json is not a folder/, 'make the folder'],
  },
  {
    is: 'a database that is none',
    breaks: (it) => {
      it.auth.DATABASE_URL = 'file:package.json'
    },
    says: ['package.json is no SQLite database', 'restore it from a backup'],
  },
  {
    is: 'a database that lost its content',
    breaks: (it) => it.copy.write('apps/auth/dev.db', ''),
    says: ['dev.db is empty', 'restore it from a backup'],
  },
  {
    is: 'a database that went away and left its log',
    breaks: (it) => it.copy.write('apps/auth/dev.db-wal', 'log'),
    says: ['dev.db is missing, but its log (-wal) is there', 'restore both'],
  },
  {
    is: 'a database of another kind',
    breaks: (it) => {
      it.auth.DATABASE_URL = 'mysql://localhost/auth'
    },
    says: ['DATABASE_URL is neither a file nor a PostgreSQL database', 'file:/var/lib/auth/auth.db'],
  },
  {
    is: 'a site that is not registered',
    breaks: (it) => {
      it.alder.CLIENT_ID = 'elder'
    },
    says: ['Alder is not registered: no client is called elder', 'prisma/seed.json'],
  },
  {
    is: 'a site that is registered at another address',
    breaks: (it) => {
      it.alder.SITE_URL = 'http://shop.localhost:4001'
    },
    says: ['Alder is registered without http://shop.localhost:4001/sso/callback', 'redirect_uris of alder'],
  },
  {
    is: 'a seed file that is not there',
    breaks: (it) => {
      it.auth.SEED_FILE = 'prisma/seed.json,nowhere.json'
    },
    says: ['SEED_FILE names nowhere.json', 'a path is meant from apps/auth'],
  },
  {
    is: 'a browser for the stories that does not start',
    breaks: () => {},
    env: { CHROMIUM_PATH: '/nowhere/chromium' },
    says: ['CHROMIUM_PATH names /nowhere/chromium', 'unset CHROMIUM_PATH'],
  },
]

test.each(illnesses)(
  'the doctor finds $is, says why it matters and how to put it right',
  async ({ breaks, says, on, env }) => {
    await breaks(patient())
    const { code, text } = await patient().sees({ ...env, ...(on && patient().on(on)) })
    const findings = text.split(/\n\n/).filter((piece) => piece.includes('WRONG'))
    const found = findings.find((finding) =>
      typeof says[0] === 'string' ? finding.includes(says[0]) : says[0].test(finding),
    )
    expect(found, text).toBeDefined()
    expect(found).toMatch(/WRONG {2}\S.+\n {9}\S.+\n {4}fix {2}\S.+/)
    expect(found?.split('fix  ')[1]).toMatch(says[1])
    expect(code).toBe(1)
  },
)

test('on a Mac whose system does not know the names, the one hosts line for Safari is there', async () => {
  const { code, text } = await patient().sees(
    patient().on(resolver({ 'site-b.localhost': '127.0.0.1' }, 'darwin')),
  )
  expect(text).toContain(`sudo sh -c 'echo "127.0.0.1 auth.localhost site-a.localhost" >> /etc/hosts'`)
  expect(code, 'a hint, not a fault').toBe(0)

  const linux = await patient().sees(patient().on(resolver({}, 'linux')))
  expect(linux.text).not.toContain('/etc/hosts')
})

test('which browsers keep __Host- cookies over http is said where the house is on http, and only there', async () => {
  expect((await patient().sees()).text).toContain('keep __Host- cookies. Safari does not.')
  patient().auth.ISSUER = patient().alder.ISSUER = patient().birch.ISSUER = 'https://auth.example'
  patient().alder.SITE_URL = 'https://alder.example'
  patient().birch.SITE_URL = 'https://birch.example'
  expect((await patient().sees()).text).not.toContain('Safari')
})

test('the doctor changes nothing, and no secret is on the screen however ill the house is', async () => {
  const secrets = ['hunter2', 'correct-horse-battery-staple-1234567890-abcdef']
  const { auth: ofAuth, alder, birch } = patient()
  Object.assign(ofAuth, { AUTH_SECRET: secrets[1], ALDER_CLIENT_SECRET: secrets[0] })
  Object.assign(alder, { CLIENT_SECRET: secrets[1], SESSION_SECRET: secrets[0] })
  Object.assign(birch, { CLIENT_SECRET: secrets[0], SESSION_SECRET: secrets.join(',') })
  const first = await patient().sees()
  const before = patient().copy.tree()
  const { code, text } = await patient().sees({ NODE_ENV: 'production' })
  expect(patient().copy.tree()).toEqual(before)
  for (const said of [first.text, text]) for (const secret of secrets) expect(said).not.toContain(secret)
  expect(first.text).toContain('shorter than')
  expect(code).toBe(1)
})

test('a Node that is too old is told before anything else', async () => {
  const said = await patient().sees(
    patient().on(`Object.defineProperty(process.versions, 'node', { value: '18.20.0' })`),
  )
  expect(said).toMatchObject({
    code: 1,
    text: expect.stringContaining('needs Node 20.19 or newer and this is Node 18.20.0'),
  })
})
