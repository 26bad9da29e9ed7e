import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { corpus, corpusKeys, corpusVerifier, kindOf } from '../corpus/reading.ts'
import { textOf } from '../corpus/shape.ts'
import { AccessToken, type AsymmetricAlgorithm, localKeys, TokenError } from './index.ts'
import {
  ALDER,
  BIRCH,
  forge,
  goodParts,
  ISSUER,
  NOON_SECONDS,
  testKey,
  verifierOf,
} from './issuer.fixture.ts'
import { ALGORITHMS } from './keys.ts'
import { isSignedForJose, plainJose, type Verdict } from './plain-jose.fixture.ts'
import { isPresent, keysOf, refusal, titled, wycheproof } from './vectors.fixture.ts'

// The strict layer stands on jose: it may refuse more, never less, and it may not read other claims out of the same text.

/** Counts how often both say the same, and why what jose accepts is refused here. */
function tally() {
  const count = { 'both accept': 0, 'both refuse': 0 }
  const stricter: Record<string, number> = {}
  return {
    count,
    stricter,
    /** @throws if it is accepted here alone, or with other claims */
    compare(here: object | string, jose: Verdict, what: string): void {
      if (typeof here === 'string' && jose === undefined) count['both refuse'] += 1
      else if (typeof here === 'string') stricter[here] = (stricter[here] ?? 0) + 1
      else {
        expect(jose, what).toEqual(here)
        count['both accept'] += 1
      }
    },
    print(title: string): void {
      const rows = Object.entries(stricter).sort(([, a], [, b]) => b - a)
      const table = [...Object.entries(count), ['jose accepts, refused here as', ''], ...rows]
      console.info(
        [`${title}:`, ...table.map(([name, times]) => `${`${times}`.padStart(6)} ${name}`)].join('\n'),
      )
    },
  }
}

/** The claims, or the code that it is refused with. */
async function verdict(verified: Promise<{ claims: object }>): Promise<object | string> {
  return await verified.then(
    ({ claims }) => claims,
    (error) => {
      if (error instanceof TokenError) return error.code
      throw error
    },
  )
}

test('what is accepted out of the corpus of attacks plain jose accepts too, with the same claims', {
  timeout: 30_000,
}, async () => {
  const keys = await corpusKeys()
  const verdictOfJose = plainJose(corpus.keys, Buffer.from(corpus.secret.k ?? '', 'base64url'))
  const { compare, print, count } = tally()
  for (const { id, name, kind, token } of corpus.cases) {
    const text = textOf(token)
    const here = await verdict(corpusVerifier(kind, keys).verify(kindOf(kind), text))
    compare(here, await verdictOfJose(text, corpus.kinds[kind]), `${id}: ${kind}, ${name}`)
  }
  print(`${corpus.cases.length} tokens of the corpus`)
  expect(count['both accept']).toBe(corpus.cases.filter(({ accept }) => accept).length)
})

describe.skipIf(!isPresent)(titled('Wycheproof'), () => {
  test('what is taken for signed here is signed for plain jose', async () => {
    const { compare, print, count } = tally()
    const groups = ['signature', 'key', 'crypto'].flatMap(wycheproof)
    for (const group of groups) {
      for (const { tcId, comment, jws } of group.tests) {
        if (jws === undefined) continue
        const here = (await refusal(jws, keysOf(group))) ?? {}
        const jose = (await isSignedForJose(jws, keysOf(group))) ? {} : undefined
        compare(here, jose, `${group.comment} ${tcId} ${comment}`)
      }
    }
    print('signatures of Wycheproof')
    expect(count['both accept']).toBeGreaterThan(15)
  })
})

// The seed is stated, so that what fails once fails again. Keys are new in each run: no rule here depends on which they are.
const SEED = 8725
const RUNS = 1_500

const SEGMENT_CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const ODD_CHARACTERS = ['.', '=', '+', '/', ' ', '\n', '\0', '\u00e4', '%']

type Members = [name: string, value: unknown][]
type Edit = (text: string) => string

const PUBLISHED = ['ES256', 'Ed25519', 'RS256'] as const

/** Values that are good somewhere, and whatever JSON there is. */
const value = fc.oneof(
  fc.constantFrom<unknown>(ISSUER, ALDER, BIRCH, [ALDER], [BIRCH, ALDER], 'alice', 'at+jwt', 'JWT', ''),
  fc.constantFrom<unknown>('ES256', 'RS256', 'EdDSA', 'Ed25519', 'none', true, false, null, [], {}),
  fc.integer({ min: -1000, max: 1000 }).map((seconds) => NOON_SECONDS + seconds),
  fc.jsonValue({ maxDepth: 2 }),
)
const names = 'iss sub aud client_id jti iat exp nbf scope auth_time x __proto__'.split(' ')
const claims: fc.Arbitrary<Members> = fc.array(fc.tuple(fc.constantFrom(...names), value), { maxLength: 2 })
const parameters = 'alg kid typ cty crit b64 jwk zip x __proto__'.split(' ')
const headers: fc.Arbitrary<Members> = fc.array(fc.tuple(fc.constantFrom(...parameters), value), {
  maxLength: 1,
})

/** Changes to the text, which the signature does not know of. */
const edits: fc.Arbitrary<Edit> = fc.oneof(
  { weight: 3, arbitrary: fc.constant((text: string) => text) },
  fc
    .tuple(fc.nat(), fc.constantFrom(...SEGMENT_CHARACTERS, ...ODD_CHARACTERS), fc.constantFrom(0, 1))
    .map(([at, character, replaced]) => (text: string) => {
      const place = at % text.length
      return text.slice(0, place) + character + text.slice(place + replaced)
    }),
  fc.constantFrom('=', '==', ' ', '\n', '.', '.e30', '%00').map((end) => (text: string) => text + end),
  fc.integer({ min: 1, max: 15 }).map((bits) => (text: string) => {
    const last = SEGMENT_CHARACTERS.indexOf(text.at(-1) ?? '')
    return text.slice(0, -1) + SEGMENT_CHARACTERS[last ^ bits]
  }),
  fc.tuple(fc.nat(2), fc.nat(2)).map(([to, from]) => (text: string) => {
    const parts = text.split('.')
    return parts.with(to, parts[from] ?? '').join('.')
  }),
)

const withMembers = (good: object, members: Members) =>
  JSON.stringify(Object.fromEntries([...Object.entries(good), ...members]))

test(`whatever becomes of a good token, what is accepted here plain jose accepts (seed ${SEED}, ${RUNS} runs)`, {
  timeout: 30_000,
}, async () => {
  const signers = new Map(await Promise.all(PUBLISHED.map(async (alg) => [alg, await testKey(alg)] as const)))
  const published = { keys: [...signers.values()].map(({ publicJwk }) => publicJwk) }
  const verifier = verifierOf(localKeys(published), { algorithms: ALGORITHMS })
  const verdictOfJose = plainJose(published)
  const { compare, print, count } = tally()

  /** Changed members are signed by the genuine key; the edit comes after. */
  async function changed(alg: AsymmetricAlgorithm, more: Members, other: Members, change: Edit) {
    const key = signers.get(alg)
    if (!key) throw new Error(`there is no ${alg} key`)
    const { header, payload } = goodParts(key)
    return change(await forge(key.signing, withMembers(header, more), withMembers(payload, other)))
  }

  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...PUBLISHED), headers, claims, edits, async (...changes) => {
      const text = await changed(...changes)
      const here = await verdict(verifier.verify(AccessToken, text))
      compare(here, await verdictOfJose(text, corpus.kinds['access token']), text)
    }),
    { seed: SEED, numRuns: RUNS },
  )
  print(`${RUNS} changed tokens, seed ${SEED}`)
  // Both came often enough to say something.
  for (const times of Object.values(count)) expect(times).toBeGreaterThan(100)
})
