import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { corpus, corpusKeys, corpusVerifier, kindOf } from '../corpus/reading.ts'
import { type KindName, type TokenCase, textOf } from '../corpus/shape.ts'
import { LogoutToken, memoryReplayStore, TokenError, type Verifier, verifyOnce } from './index.ts'

const IDS = Array.from({ length: 21 }, (_, n) => `JA-${n + 1}`)
const casesOf = (id: string) => corpus.cases.filter((one) => one.id === id)
const now = () => new Date(corpus.now * 1000)

// One for all kinds of an issuer: what it remembers of one kind must not pass for another.
const verifiers = new Map<string, Verifier>()
beforeAll(async () => {
  const keys = await corpusKeys()
  for (const name of Object.keys(corpus.kinds) as KindName[]) // its keys are these names
    verifiers.set(corpus.kinds[name].issuer, corpusVerifier(name, keys))
})

beforeEach(() => {
  vi.spyOn(globalThis, 'fetch').mockRejectedValue(new TypeError('there is no network here'))
})
afterEach(() => {
  const { calls } = vi.mocked(fetch).mock
  vi.restoreAllMocks()
  expect(calls).toEqual([])
})

/** What comes of a case: `accepted`, or the error. */
async function outcomeOf({ kind, token }: TokenCase): Promise<unknown> {
  const verifier = verifiers.get(corpus.kinds[kind].issuer)
  if (!verifier) throw new Error(`the corpus does not say what a ${kind} is`)
  return await verifier.verify(kindOf(kind), textOf(token)).then(
    () => 'accepted',
    (error: unknown) => error,
  )
}

/** All that an error could tell whoever sent the token. */
const saidBy = (error: Error) =>
  [error.message, error.stack, JSON.stringify(error), String(error.cause)].join(' ')

/** What must not be said: the token, its signature and its payload, and what the case hides. */
function secretsOf({ token, hidden = [] }: TokenCase): string[] {
  const text = textOf(token)
  return [text, ...text.split('.', 5), ...hidden].filter((secret) => secret.trim().length > 16)
}

async function check(one: TokenCase): Promise<void> {
  const outcome = await outcomeOf(one)
  if (one.accept) return expect(outcome, one.name).toBe('accepted')
  expect(outcome, one.name).toBeInstanceOf(TokenError)
  if (!(outcome instanceof TokenError)) return
  expect(outcome.code, one.name).toBe(one.refusal)
  const said = saidBy(outcome)
  for (const secret of secretsOf(one)) expect(said.includes(secret), one.name).toBe(false)
}

test('the corpus has every attack of the list, and says of each case one thing', () => {
  const inFile = [...corpus.cases, ...corpus.headers]
  expect([...new Set(inFile.map(({ id }) => id))].sort()).toEqual(['control', ...IDS].sort())
  for (const one of corpus.cases) expect([one.accept, one.refusal].filter(Boolean), one.name).toHaveLength(1)
  for (const one of corpus.headers) expect([one.accept, one.status].filter(Boolean), one.name).toHaveLength(1)
  const names = corpus.cases.map(({ id, kind, name }) => `${id} ${kind} ${name}`)
  expect(new Set(names).size).toBe(names.length)
  const counts = IDS.map((id) => [id, inFile.filter((one) => one.id === id).length])
  console.info('corpus of attacks:', Object.fromEntries(counts), 'and', casesOf('control').length, 'controls')
})

test('no attack can be survived by refusing all: each kind and each key has a token that is good', () => {
  const good = casesOf('control').filter(({ accept, either }) => accept && !either)
  expect(new Set(good.map(({ kind }) => kind))).toEqual(new Set(Object.keys(corpus.kinds)))
  const headers = good.map(({ token }) =>
    JSON.parse(Buffer.from(textOf(token).split('.', 1).join(), 'base64url').toString()),
  )
  expect(new Set(headers.map(({ alg }) => alg))).toEqual(new Set([...corpus.algorithms, 'EdDSA']))
  const published = corpus.keys.keys.map(({ kid }) => kid)
  expect(new Set(headers.map(({ kid }) => kid))).toEqual(new Set([...published, corpus.secret.kid]))
})

describe.each(['control', ...IDS.slice(0, -1)])('%s', (id) => {
  for (const one of casesOf(id))
    test(`${id}: ${one.kind}, ${one.name}: ${one.refusal ?? 'accepted'}`, () => check(one))
})

test('a second time, with what is good in memory, the answers are the same', async () => {
  for (const one of corpus.cases) await check(one)
})

test('JA-9: of the two twins of a signature the first is used once, and the other no more', async () => {
  const [original, twin] = casesOf('JA-9')
    .filter(({ kind, accept }) => kind === 'logout token' && accept)
    .map(({ token }) => textOf(token))
  expect(twin?.split('.').slice(0, 2)).toEqual(original?.split('.').slice(0, 2))
  expect(twin).not.toBe(original)
  const verifier = corpusVerifier('logout token', await corpusKeys())
  for (const [first = '', second = ''] of [
    [original, twin],
    [twin, original],
  ]) {
    const store = memoryReplayStore({ now })
    await expect(verifyOnce(verifier, LogoutToken, first, store)).resolves.toBeDefined()
    await expect(verifyOnce(verifier, LogoutToken, second, store)).rejects.toMatchObject({ code: 'used' })
  }
})
