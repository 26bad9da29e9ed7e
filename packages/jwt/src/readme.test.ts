import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  AccessToken,
  ActionToken,
  type KeySource,
  localKeys,
  type TokenErrorCode,
  type Verifier,
} from './index.ts'
import { accessClaims, accessToken, ISSUER, stoppedClock, testKey, verifierOf } from './issuer.fixture.ts'

const home = fileURLToPath(new URL('..', import.meta.url))
const README = join(home, 'README.md')
const LIFE = join(home, '../../docs/a-tokens-life.md')
// The second is not there where this folder was copied alone.
const documents = [README, LIFE].filter(existsSync)

/** What the snippets take for granted, and what of them is looked at here; on one line. */
const ASSUMED = {
  readme: `export { accept, discovered, due, form, invitation, lists, own, ownForms, revoked, session }; const newSecret = 'a new secret, 32 characters or more', oldSecret = 'an old secret, 32 characters or more'`,
  life: `export { answer }; import type { Verifier } from '@grove/jwt'; let verifier: Verifier; export const give = (made: Verifier) => { verifier = made }`,
}

/** The snippets of a document as one module, each line where it stands in the document, so that an error names its line. */
function moduleOf(markdown: string, assumed: string): string {
  let isSnippet = false
  const lines = markdown.split('\n').map((line) => {
    if (!line.startsWith('```')) return isSnippet ? line : ''
    isSnippet = line === '```ts'
    return ''
  })
  // Snippets import what they use, some of it twice: a module may not.
  const imported = new Set<string>()
  const code = lines
    .join('\n')
    .replace(/^import \{([^}]*)\} from '@grove\/jwt'$/gm, (line, names: string) => {
      for (const name of names.split(',')) if (name.trim()) imported.add(name.trim())
      return line.replace(/[^\n]/g, '')
    })
  return `import { ${[...imported].join(', ')} } from '@grove/jwt'; ${assumed};${code}`
}

/** What the compiler says of the modules in a folder, a line for each error. */
function compile(folder: string): Promise<string[]> {
  const compiler = join(home, 'node_modules/typescript/bin/tsc')
  return new Promise((resolve) => {
    execFile(process.execPath, [compiler, '--pretty', 'false', '-p', folder], (_, output, errors) => {
      resolve(`${output}${errors}`.split('\n').filter((line) => line.includes('error')))
    })
  })
}

let folder: string
let complaints: string[]
const addressOf = (name: string) => pathToFileURL(join(folder, `${name}.ts`)).href
beforeAll(async () => {
  await mkdir(join(home, 'test-results'), { recursive: true })
  folder = await mkdtemp(join(home, 'test-results/snippets-'))
  const settings = { extends: join(home, 'tsconfig.json'), include: ['*.ts'] }
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(settings))
  const readme = await readFile(README, 'utf8')
  await writeFile(join(folder, 'readme.ts'), moduleOf(readme, ASSUMED.readme))
  const mistaken = readme.replace('({ ...trust, status: lists })', '({ ...trust })')
  await writeFile(join(folder, 'mistake.ts'), moduleOf(mistaken, ASSUMED.readme))
  if (documents.includes(LIFE))
    await writeFile(join(folder, 'life.ts'), moduleOf(await readFile(LIFE, 'utf8'), ASSUMED.life))
  complaints = await compile(folder)
}, 60_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

test('every snippet compiles', () => {
  expect(complaints.filter((line) => !line.includes('mistake.ts'))).toEqual([])
})

test('a verifier that was not told about revocation would not, and the error names the line of the document', async () => {
  const [before = ''] = (await readFile(README, 'utf8')).split('const verifier =')
  const error = `mistake\\.ts\\(${before.split('\n').length},.* 'status' is missing`
  expect(complaints).toContainEqual(expect.stringMatching(error))
})

test.each(documents.map((path) => [basename(path), path]))(
  'each error code has a row in %s',
  async (_, path) => {
    // For the compiler: all of them.
    const codes: Record<TokenErrorCode, true> = {
      malformed: true,
      too_large: true,
      algorithm: true,
      type: true,
      unknown_key: true,
      signature: true,
      issuer: true,
      audience: true,
      claim: true,
      expired: true,
      not_yet_valid: true,
      too_old: true,
      revoked: true,
      used: true,
    }
    const rows = (await readFile(path, 'utf8')).split('\n').filter((line) => line.startsWith('|'))
    expect(Object.keys(codes).filter((code) => !rows.some((row) => row.includes(`\`${code}\``)))).toEqual([])
  },
)

interface Readme {
  getKeys(): Response
  getList(request: Request): Promise<Response>
  getNotes(request: Request): Promise<Response>
  tokenFor(sub: string, place: number): Promise<string>
  accept(invitation: string): Promise<{ claims: { email: string } }>
  lists: { refresh(): Promise<void> }
  revoked: Set<number>
  own: Verifier
  ownForms: Verifier
  discovered: KeySource
  [name: string]: unknown
}

describe('the snippets of the README run', () => {
  let readme: Readme
  let isIssuerDown = false
  const answered: string[] = []
  const wait = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1000)

  async function issuerAnswers(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url)
    if (pathname === '/jwks') return readme.getKeys()
    if (pathname === '/status/0') return await readme.getList(request)
    return Response.json({ issuer: 'https://auth.example', jwks_uri: 'https://auth.example/jwks' })
  }

  beforeAll(async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
      if (isIssuerDown) throw new TypeError('fetch failed')
      const answer = await issuerAnswers(new Request(url, init))
      answered.push(`${new URL(url).pathname} ${answer.status}`)
      return answer
    })
    readme = await import(addressOf('readme'))
  })
  afterAll(() => {
    vi.useRealTimers()
    vi.unstubAllGlobals()
  })

  async function answerTo(bearer: string): Promise<unknown> {
    const headers = { authorization: `Bearer ${bearer}` }
    const response = await readme.getNotes(new Request('https://notes.example/', { headers }))
    return response.body ? { ...(await response.json()), status: response.status } : response.status
  }

  test('before the issuer was ever reached nobody can tell', async () => {
    isIssuerDown = true
    expect(await answerTo(await readme.tokenFor('alice', 7))).toBe(503)
    isIssuerDown = false
    wait(5)
  })

  test('a token is taken, its neighbour is revoked, and anything else is refused', async () => {
    const [alice, bob] = [await readme.tokenFor('alice', 7), await readme.tokenFor('bob', 8)]
    expect(await answerTo(alice)).toEqual({ status: 200, notesOf: 'alice' })
    expect(await answerTo(bob)).toEqual({ status: 200, notesOf: 'bob' })
    readme.revoked.add(8)
    await readme.lists.refresh()
    expect(await answerTo(bob)).toEqual({ status: 401, error: 'revoked' })
    expect(await answerTo(alice)).toEqual({ status: 200, notesOf: 'alice' })
    expect(await answerTo(`${readme.invitation}`)).toEqual({ status: 401, error: 'type' })
    expect(await answerTo('')).toEqual({ status: 401, error: 'malformed' })
  })

  test('the keys are fetched once; a list that has not changed costs a 304, and serves while the issuer is down', async () => {
    const alice = await readme.tokenFor('alice', 7)
    await answerTo(alice)
    await readme.lists.refresh()
    expect(answered).toEqual(['/jwks 200', '/status/0 200', '/status/0 200', '/status/0 304'])
    isIssuerDown = true
    wait(30)
    await readme.lists.refresh()
    expect(await answerTo(alice)).toEqual({ status: 200, notesOf: 'alice' })
    isIssuerDown = false
  })

  test('an invitation is accepted once', async () => {
    const invitation = `${readme.invitation}`
    expect((await readme.accept(invitation)).claims.email).toBe('bob@example.com')
    await expect(readme.accept(invitation)).rejects.toMatchObject({ code: 'used' })
  })

  test('own keys, found keys and secrets verify what they should', async () => {
    await expect(readme.own.verify(AccessToken, await readme.tokenFor('alice', 7))).resolves.toMatchObject({
      claims: { sub: 'alice' },
    })
    expect((await readme.discovered.find({ alg: 'ES256' })).keys).toHaveLength(1)
    await expect(readme.ownForms.verify(ActionToken, `${readme.form}`)).resolves.toMatchObject({
      claims: { act: 'delete-account' },
    })
  })

  test('what the comments say comes out', () => {
    expect(readme.due).toEqual([{ step: 'add', state: 'next' }])
    expect(readme.session).toEqual({ user: 'alice' })
  })
})

test.runIf(documents.includes(LIFE))("a token's life goes as its page tells it", async () => {
  const life: { answer(text: string): Promise<number>; give(verifier: Verifier): void } = await import(
    addressOf('life')
  )
  const key = await testKey()
  let published = { keys: [key.publicJwk] }
  let bit: 'valid' | 'revoked' = 'valid'
  const { now, move } = stoppedClock()
  const keys = localKeys(() => published)
  const verifier = verifierOf(keys, { now, status: { peek: () => bit, check: async () => bit } })
  life.give(verifier)
  const claims = { ...accessClaims, status: { status_list: { idx: 1, uri: `${ISSUER}/status/0` } } }
  const text = await accessToken(key.signing, { claims })
  const said = async () => [
    await life.answer(text),
    await verifier.verify(AccessToken, text).then(
      () => 'good',
      ({ code }) => code,
    ),
  ]

  expect(await said()).toEqual([200, 'good'])
  bit = 'revoked'
  expect(await said()).toEqual([401, 'revoked'])
  bit = 'valid'
  move(309)
  expect(await said()).toEqual([200, 'good'])
  move(1)
  expect(await said()).toEqual([401, 'expired'])
  move(601)
  expect(await said()).toEqual([401, 'too_old'])
  published = { keys: [] }
  expect(await said()).toEqual([401, 'unknown_key'])
})
