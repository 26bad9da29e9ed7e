import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { isClientSecret } from '../domain/clients.ts'
import { isPassword } from '../domain/passwords.ts'
import { SettingsError } from '../settings.ts'
import { openStore } from '../store/index.ts'
import { readSeed, refusePublishedPasswords, seedAccounts } from './index.ts'

const folder = await mkdtemp(join(tmpdir(), 'seed-'))
afterAll(() => rm(folder, { recursive: true }))

const CLIENT = {
  client_id: 'alder',
  client_name: 'Alder',
  client_secret: '$ALDER_SECRET',
  redirect_uris: ['https://alder.example/callback'],
}
const ACCOUNT = {
  email: 'Alice@Example.com',
  password: 'wonderland-1865',
  claims: { sub: 'acc_alice', name: 'Alice' },
}
const ENV = { ALDER_SECRET: 'a secret of its own: 43 characters, or more.' }

async function fileWith(content: unknown): Promise<string> {
  const file = join(folder, 'seed.json')
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content))
  return file
}

async function sentence(
  content: unknown,
  { env = ENV as Record<string, string>, isProduction = false } = {},
) {
  const file = await fileWith(content)
  try {
    await readSeed([file], env, isProduction)
  } catch (error) {
    if (error instanceof SettingsError) return error.message.replace(file, 'FILE')
    throw error
  }
  return 'it starts'
}

test('CA-3 a client gets its secret from the environment, and only the hash is kept', async () => {
  const { clients } = await readSeed([await fileWith({ clients: [CLIENT] })], ENV, true)
  const [alder] = clients
  expect(alder && isClientSecret(alder, ENV.ALDER_SECRET)).toBe(true)
  expect(alder && isClientSecret(alder, '$ALDER_SECRET')).toBe(false)
  expect(JSON.stringify(clients)).not.toContain(ENV.ALDER_SECRET)
  expect(alder).toMatchObject({
    isPkceRequired: true,
    authMethod: 'client_secret_basic',
    idTokenAlgorithm: 'ES256',
  })
})

describe('K-7 CA-8 a client proves itself as it says, and if it does not say', () => {
  const jwks = { keys: [{ kty: 'EC', crv: 'P-256', x: 'x', y: 'y' }] }
  const bare = { ...CLIENT, client_secret: undefined }
  const said = (token_endpoint_auth_method: string) => ({ token_endpoint_auth_method })
  test.each<[string, object, string]>([
    ['with keys: by them', { ...bare, jwks }, 'private_key_jwt'],
    [
      'with the address of its keys: by them',
      { ...bare, jwks_uri: 'https://alder.example/jwks' },
      'private_key_jwt',
    ],
    ['with a secret: by it, in the header', CLIENT, 'client_secret_basic'],
    ['with both: by the secret', { ...CLIENT, jwks }, 'client_secret_basic'],
    [
      'it says: by the secret, in the form',
      { ...CLIENT, ...said('client_secret_post') },
      'client_secret_post',
    ],
    ['it says: by its keys', { ...bare, jwks, ...said('private_key_jwt') }, 'private_key_jwt'],
    ['it says: not at all', { ...bare, ...said('none') }, 'none'],
  ])('%s', async (_, client, expected) => {
    const { clients } = await readSeed([await fileWith({ clients: [client] })], ENV, true)
    expect(clients[0]?.authMethod).toBe(expected)
  })
})

test('the seeds that come with the project are good', async () => {
  const secret = 'development-secret'
  const env = { ALDER_CLIENT_SECRET: secret, BIRCH_CLIENT_SECRET: secret }
  const files = ['prisma/seed.json', '../../examples/seed.json']
  const { clients, accounts } = await readSeed(files, env, false)
  expect([clients.map(({ id }) => id), accounts.length]).toEqual([['alder', 'birch', 'catkin', 'twig'], 2])
})

test('CA-3 a client secret may come in a file', async () => {
  const file = join(folder, 'secret')
  await writeFile(file, `${ENV.ALDER_SECRET}\n`)
  const { clients } = await readSeed(
    [await fileWith({ clients: [CLIENT] })],
    { ALDER_SECRET_FILE: file },
    true,
  )
  expect(clients[0] && isClientSecret(clients[0], ENV.ALDER_SECRET)).toBe(true)
})

describe('an address may begin with a setting, so that one file fits wherever it runs', () => {
  const named = {
    ...CLIENT,
    redirect_uris: ['$ALDER_URL/sso/callback'],
    resources: ['$ALDER_URL'],
    backchannel_logout_uri: '$ALDER_INTERNAL_URL/sso/backchannel-logout',
  }
  const addresses = { ALDER_URL: 'https://shop.example', ALDER_INTERNAL_URL: 'http://alder:4001' }

  test('it is written out', async () => {
    const { clients } = await readSeed([await fileWith({ clients: [named] })], { ...ENV, ...addresses }, true)
    expect(clients[0]).toMatchObject({
      redirectUris: ['https://shop.example/sso/callback'],
      resources: ['https://shop.example'],
      backchannelLogoutUri: 'http://alder:4001/sso/backchannel-logout',
    })
  })

  test('AZ-3 and then checked like any other', async () => {
    const env = { ...ENV, ...addresses, ALDER_URL: 'http://shop.example' }
    expect(await sentence({ clients: [named] }, { env })).toMatch(/redirect_uris\.0: must be https, /)
  })

  test('a setting that is missing is named', async () => {
    expect(await sentence({ clients: [named] })).toBe(
      'ALDER_URL is missing: SEED_FILE has an address that begins with it.',
    )
  })

  test('what only looks like one stays: a price, a secret, a password', async () => {
    const client = { ...CLIENT, client_name: '$5 books', client_secret: '$ALDER_SECRET' }
    const account = { ...ACCOUNT, password: '$ALDER_URL/' }
    const file = await fileWith({ clients: [client], accounts: [account] })
    const { clients, accounts } = await readSeed([file], ENV, true)
    expect([clients[0]?.name, accounts[0]?.password]).toEqual(['$5 books', '$ALDER_URL/'])
  })
})

test.each([
  ['http://alder:4001/logout', 'it starts'],
  ['http://alder/logout', 'it starts'],
  ['http://alder.example/logout', /must be https/],
  ['http://alder.internal:4001/logout', /must be https/],
  ['http://10.0.0.7:4001/logout', /must be https/],
  ['http://2130706433/logout', /must name its host plainly/],
])('logouts go over plain http to a machine beside this one alone: %s', async (uri, expected) => {
  const client = { ...CLIENT, backchannel_logout_uri: uri }
  expect(await sentence({ clients: [client] })).toMatch(expected)
  const isPublic = { ...client, client_secret: undefined, token_endpoint_auth_method: 'none' }
  expect(await sentence({ clients: [isPublic] })).toMatch(/backchannel_logout_uri/)
})

test.each([
  ['https://auth.example.com', 'alice@example.com'],
  ['https://localhost.example.com', 'alice@example.com'],
  ['https://auth.example.test', undefined],
  ['https://auth.localhost', undefined],
  ['http://127.0.0.1:4000', undefined],
])('the demo accounts are for names that lead nowhere on the Internet: %s', async (issuer, refused) => {
  const { accounts } = JSON.parse(await readFile('prisma/seed.json', 'utf8'))
  expect(accounts).toHaveLength(2)
  for (const account of accounts) {
    const say = () => refusePublishedPasswords([{ ...account, email: 'alice@example.com' }], issuer)
    if (refused) expect(say).toThrow(`SEED_FILE gives ${refused} a password that everybody can read`)
    else expect(say).not.toThrow()
  }
  expect(() =>
    refusePublishedPasswords([{ ...accounts[0], password: 'one of her own' }], issuer),
  ).not.toThrow()
})

describe('AZ-3 an address that may not be registered', () => {
  test.each([
    'nonsense',
    '/callback',
    'javascript:alert(1)',
    'data:text/html,x',
    'http://alder.example/callback',
    'http://10.0.0.1/callback',
    'https://alder.example/callback#fragment',
    'https://*.alder.example/callback',
    'https://user@alder.example/callback',
    'https://user:pw@alder.example/callback',
    'https://alder.example\\@evil.example/',
    'https://alder.example/call back',
    'https://älder.example/callback',
    'https://alder.example/call\tback',
    'https://alder.example/callback\u0000',
    'https://alder.example/call\u007Fback',
    // Other ways to write 127.0.0.1, and a name that a parser has to decode or to find.
    'https://2130706433/callback',
    'https://0x7f.0.0.1/callback',
    'http://127.1/callback',
    'https://%61lder.example/callback',
    'https:alder.example/callback',
    'https:///alder.example/callback',
  ])('%j', async (uri) => {
    for (const field of ['redirect_uris', 'post_logout_redirect_uris', 'resources']) {
      const said = await sentence({ clients: [{ ...CLIENT, [field]: [uri] }] })
      expect(said).toMatch(new RegExp(`^SEED_FILE FILE: clients\\.0\\.${field}\\.0: must [^.]*\\.$`))
    }
    const backchannel = await sentence({ clients: [{ ...CLIENT, backchannel_logout_uri: uri }] })
    expect(backchannel).toContain('backchannel_logout_uri: must ')
  })
})

describe('what else stops the start, with one sentence', () => {
  const client = (over: object) => ({ clients: [{ ...CLIENT, ...over }] })
  const account = (over: object) => ({ accounts: [{ ...ACCOUNT, ...over }] })
  test.each([
    ['no JSON', '{', /which is not JSON\.$/],
    ['no object', 'null', /^SEED_FILE FILE: .*: /],
    ['an unknown member', client({ redirect_uri: 'x' }), /^SEED_FILE FILE: clients\.0: .*redirect_uri/],
    ['no redirect_uris', client({ redirect_uris: [] }), /client alder: redirect_uris needs one/],
    [
      'a client_id with a colon',
      client({ client_id: 'a:b' }),
      /clients\.0\.client_id: must be 1 to 64 letters/,
    ],
    [
      'a secret that is not set',
      client({ client_secret: '$OTHER' }),
      /client alder: client_secret \(\$OTHER\) is missing/,
    ],
    [
      'no secret where one is said to be',
      client({ client_secret: undefined, token_endpoint_auth_method: 'client_secret_basic' }),
      /client alder: client_secret \(absent\) is missing/,
    ],
    [
      'CA-8 nothing that says how the client proves itself',
      client({ client_secret: undefined }),
      /^SEED_FILE FILE: clients\.0\.token_endpoint_auth_method: must be said, .*private_key_jwt, the best choice/,
    ],
    [
      'a public client with a secret',
      client({ token_endpoint_auth_method: 'none' }),
      /client_secret is of no use with token_endpoint_auth_method none/,
    ],
    [
      'private_key_jwt without a key',
      client({ token_endpoint_auth_method: 'private_key_jwt', client_secret: undefined }),
      /client alder: jwks or jwks_uri, and not both/,
    ],
    [
      'a private key where a public one belongs',
      client({
        token_endpoint_auth_method: 'private_key_jwt',
        client_secret: undefined,
        jwks: { keys: [{ kty: 'EC', crv: 'P-256', x: 'x', y: 'y', d: 'secret' }] },
      }),
      /clients\.0\.jwks\.keys\.0: must be a public key/,
    ],
    [
      'client_credentials for a public client',
      client({
        token_endpoint_auth_method: 'none',
        client_secret: undefined,
        grant_types: ['client_credentials'],
      }),
      /client alder: grant_types: client_credentials is not for a public client/,
    ],
    [
      'AZ-5 a public client without PKCE',
      client({ token_endpoint_auth_method: 'none', client_secret: undefined, require_pkce: false }),
      /client alder: require_pkce must stay true for a public client\.$/,
    ],
    [
      'a native client with a secret',
      client({ application_type: 'native' }),
      /client alder: token_endpoint_auth_method must be none for a native client\.$/,
    ],
    [
      'a native client that nobody is asked about',
      client({
        ...{ application_type: 'native', first_party: true },
        ...{ token_endpoint_auth_method: 'none', client_secret: undefined },
      }),
      /client alder: first_party is not for a native client/,
    ],
    ['a client twice', { clients: [CLIENT, CLIENT] }, /^SEED_FILE registers the client alder twice\.$/],
    [
      'AZ-24 a client and an account of one name',
      { clients: [CLIENT], accounts: [{ ...ACCOUNT, claims: { sub: 'alder' } }] },
      /^SEED_FILE has alder as a client and as an account\.$/,
    ],
    ['an empty claim', account({ claims: { sub: 'a', name: '' } }), /accounts\.0\.claims\.name: /],
    [
      'a claim of another type',
      account({ claims: { sub: 'a', email_verified: 'yes' } }),
      /claims\.email_verified: /,
    ],
    ['a short password', account({ password: 'short' }), /accounts\.0\.password: /],
    ['no sub', account({ claims: {} }), /accounts\.0\.claims\.sub: /],
  ])('%s', async (_, content, expected) => {
    expect(await sentence(content)).toMatch(expected)
  })

  test('a file that is not there', async () => {
    await expect(readSeed([join(folder, 'none.json')], {}, false)).rejects.toThrow(
      /none\.json, which cannot be read\.$/,
    )
  })

  test.each([`development-${'x'.repeat(43)}`, 'short', 'x'.repeat(42)])(
    'CA-3 production refuses the client secret %s',
    async (secret) => {
      const env = { ALDER_SECRET: secret }
      expect(await sentence({ clients: [CLIENT] }, { env })).toBe('it starts')
      expect(await sentence({ clients: [CLIENT] }, { env, isProduction: true })).toMatch(
        /^SEED_FILE: client alder: client_secret .* must be one of its own in production/,
      )
    },
  )
})

test('accounts are added once, with a hash; what a person has stays', async () => {
  const store = await openStore(`file:${join(folder, 'auth.db')}`)
  const { accounts } = await readSeed([await fileWith({ accounts: [ACCOUNT] })], {}, false)
  expect(await seedAccounts(store, accounts)).toBe(1)
  expect(
    await seedAccounts(
      store,
      accounts.map((one) => ({ ...one, password: 'another password' })),
    ),
  ).toBe(0)
  const alice = await store.accounts.findByEmail('alice@example.com')
  expect(alice).toMatchObject({ id: 'acc_alice', claims: { name: 'Alice' } })
  expect(alice?.claims).not.toHaveProperty('sub')
  expect(alice?.passwordHash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  expect(await isPassword(ACCOUNT.password, alice?.passwordHash)).toBe(true)
  await store.close()
})
