import { join } from 'node:path'
import { expect, test } from 'vitest'
import { auth } from './neighbours.ts'
import { patients, resolver, type Settings, textOf } from './patient.ts'

const ISSUER = 'https://auth.example'
const patient = patients()
const production = { NODE_ENV: 'production' }
const secret = (name: string) => `${name}-`.padEnd(48, 'x')

/** A house as it is deployed: each app has a file with its settings. */
async function deployed(change: (settings: Record<'auth' | 'alder' | 'birch', Settings>) => void = () => {}) {
  const internal = `http://127.0.0.1:${await patient().has(auth(ISSUER))}`
  const settings = {
    auth: {
      ...{ PORT: patient().auth.PORT, ISSUER, DATABASE_URL: `file:${join(patient().copy.root, 'auth.db')}` },
      ...{ AUTH_SECRET: secret('auth'), SEED_FILE: join(patient().copy.root, 'clients.json') },
      ...{ ALDER_CLIENT_SECRET: secret('alder'), BIRCH_CLIENT_SECRET: secret('birch') },
    } as Settings,
    alder: siteSettings('alder', patient().alder.PORT, internal),
    birch: siteSettings('birch', patient().birch.PORT, internal),
  }
  change(settings)
  patient().copy.write('clients.json', JSON.stringify({ clients: [client('alder'), client('birch')] }))
  for (const [app, values] of Object.entries(settings)) patient().copy.write(`${app}.env`, textOf(values))
  const machine = patient().on(
    resolver({ 'auth.example': '192.0.2.1', 'alder.example': '192.0.2.2', 'birch.example': '192.0.2.3' }),
  )
  return (...apps: string[]) =>
    patient().sees(
      { ...production, ...machine },
      apps.map((app) => `--env=${app}=${join(patient().copy.root, `${app}.env`)}`),
    )
}

const siteSettings = (name: string, port: Settings[string], internal: string): Settings => ({
  ...{ PORT: port, SITE_URL: `https://${name}.example`, ISSUER, ISSUER_INTERNAL_URL: internal },
  ...{ CLIENT_ID: name, CLIENT_SECRET: secret(name), SESSION_SECRET: secret(`${name}-session`) },
})

const client = (name: string) => ({
  client_id: name,
  redirect_uris: [`https://${name}.example/sso/callback`],
  resources: [`https://${name}.example`],
})

test('a production that is well: nothing is wrong, and nothing of development is looked at', async () => {
  const sees = await deployed()
  const { code, text } = await sees('auth', 'alder', 'birch')
  expect({ code, wrong: /WRONG.*/.exec(text)?.[0] }).toEqual({ code: 0, wrong: undefined })
  expect(text).not.toContain('Safari')
})

test('a secret in a file is looked at like any other', async () => {
  const sees = await deployed(({ auth, alder }) => {
    patient().copy.write('auth_secret', `${auth.AUTH_SECRET}\n`)
    patient().copy.write('alder_secret', 'short\n')
    auth.AUTH_SECRET_FILE = join(patient().copy.root, 'auth_secret')
    auth.ALDER_CLIENT_SECRET_FILE = alder.CLIENT_SECRET_FILE = join(patient().copy.root, 'alder_secret')
    auth.AUTH_SECRET = auth.ALDER_CLIENT_SECRET = alder.CLIENT_SECRET = undefined
  })
  const { code, text } = await sees('auth', 'alder', 'birch')
  expect(text).not.toMatch(/has no /)
  expect(text).toContain('ALDER_CLIENT_SECRET of Grove is shorter than')
  expect(code).toBe(1)
})

test('only the apps that are named are looked at', async () => {
  const sees = await deployed((settings) => {
    settings.birch.CLIENT_SECRET = settings.auth.BIRCH_CLIENT_SECRET = 'short'
    settings.birch.SITE_URL = undefined
  })
  expect(await sees('alder')).toMatchObject({ code: 0 })
  expect(await sees('auth')).toMatchObject({
    code: 1,
    text: expect.stringContaining('BIRCH_CLIENT_SECRET of Grove'),
  })
})

test('without a file for each app, production has no defaults and no secrets: each one that is missing is named', async () => {
  for (const settings of [patient().alder, patient().birch])
    for (const name of Object.keys(settings)) settings[name] = undefined
  const { code, text } = await patient().sees(production)
  for (const what of [
    'Grove has no AUTH_SECRET.',
    'Grove has no ALDER_CLIENT_SECRET.',
    'Alder has no SESSION_SECRET.',
    'Birch has no CLIENT_SECRET.',
    'DATABASE_URL is missing.',
    'SEED_FILE is missing.',
    'put ALDER_CLIENT_SECRET=… into the environment of auth, the same value as CLIENT_SECRET of Alder',
    'ISSUER of Grove is missing.',
    'SITE_URL of Alder is missing.',
    'ISSUER of Birch is missing.',
  ])
    expect(text).toContain(what)
  expect(code).toBe(1)
})

test.each([
  ['AUTH_SECRET', 'Grove', 'auth'],
  ['BIRCH_CLIENT_SECRET', 'Grove', 'auth'],
  ['SESSION_SECRET', 'Alder', 'alder'],
] as const)('%s of %s that was made for development is found in production', async (name, title, app) => {
  const sees = await deployed((settings) => {
    settings[app][name] = `development-${'y'.repeat(48)}`
  })
  const { code, text } = await sees('auth', 'alder', 'birch')
  expect(text).toContain(`${name} of ${title} was made for development.`)
  expect(code).toBe(1)
})

test('a client secret of 42 characters is too short for production', async () => {
  const sees = await deployed((settings) => {
    settings.auth.ALDER_CLIENT_SECRET = settings.alder.CLIENT_SECRET = 'z'.repeat(42)
  })
  const { text } = await sees('auth', 'alder', 'birch')
  expect(text).toContain('ALDER_CLIENT_SECRET of Grove is shorter than 43 characters')
})

test('in production, an auth that does not answer is a fault', async () => {
  const sees = await deployed((settings) => {
    settings.alder.ISSUER_INTERNAL_URL = 'http://127.0.0.1:9'
  })
  const { code, text } = await sees('alder')
  expect(text).toContain('Alder does not reach auth: nobody answers at http://127.0.0.1:9')
  expect(code).toBe(1)
})

test.each([
  ['--env=oak=x.env', 'the apps are auth, alder, birch'],
  ['--env=auth=nowhere.env', 'there is no such file'],
  ['--what', "Unknown option '--what'"],
])('%s is answered with a sentence', async (word, sentence) => {
  const said = await patient().sees({}, [word])
  expect(said).toMatchObject({ code: 1, text: expect.stringContaining(sentence) })
  expect(said.text).not.toContain('    at ')
})
