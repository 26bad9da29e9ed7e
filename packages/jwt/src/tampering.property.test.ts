import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  AccessToken,
  type AccessTokenClaims,
  createSealer,
  issue,
  secretKeys,
  TokenError,
  type TokenKind,
  type Verifier,
} from './index.ts'
import {
  accessClaims,
  accessToken,
  NOON,
  OneParty,
  testKey,
  verifierFor,
  verifierOf,
} from './issuer.fixture.ts'
import { ALGORITHMS, type Algorithm } from './keys.ts'

// The seed is stated, so that what fails once fails again. Keys are new in each run: no rule here depends on which they are.
const SEED = 7515
const RUNS = 1_500
const SECRET = 'a secret of at least 32 characters'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const byte = fc.oneof(
  fc.constantFrom(...ALPHABET),
  fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
)

/** The text with one byte changed, added or taken away, or two of its bytes swapped. Never the text itself. */
function edited(text: string): fc.Arbitrary<string> {
  // Where a part ends base64url has bits to spare, and a neighbour is a dot.
  const ends = [...text].flatMap((_, at) => (['.', undefined].includes(text[at + 1]) ? [at] : []))
  const place = fc.oneof({ weight: 4, arbitrary: fc.nat(text.length - 1) }, fc.constantFrom(...ends))
  return fc
    .oneof(
      {
        weight: 5,
        arbitrary: fc.tuple(place, byte).map(([at, other]) => text.slice(0, at) + other + text.slice(at + 1)),
      },
      fc
        .tuple(fc.nat(text.length), byte)
        .map(([at, additional]) => text.slice(0, at) + additional + text.slice(at)),
      place.map((at) => text.slice(0, at) + text.slice(at + 1)),
      fc.tuple(place, place).map(([one, other]) => swapped(text, one, other)),
    )
    .filter((result) => result !== text)
}

function swapped(text: string, one: number, other: number): string {
  const bytes = [...text]
  ;[bytes[one], bytes[other]] = [text[other] ?? '', text[one] ?? '']
  return bytes.join('')
}

interface Genuine {
  text: string
  kind: TokenKind<AccessTokenClaims>
  /** As generous as a verifier can be: it takes every algorithm. */
  verifier: Verifier
}

async function genuineToken(alg: Algorithm): Promise<Genuine> {
  const algorithms = ALGORITHMS
  if (alg !== 'HS256') {
    const key = await testKey(alg)
    const text = await accessToken(key.signing)
    return { text, kind: AccessToken, verifier: await verifierFor(key, { algorithms }) }
  }
  const keys = await secretKeys([SECRET], 'test')
  const text = await issue(OneParty, accessClaims, { key: keys.current, now: NOON, lifetimeSeconds: 300 })
  return { text, kind: OneParty, verifier: verifierOf(keys, { algorithms }) }
}

// What a token can be refused with before its payload is looked at: nothing in there counts until the signature fits.
const BEFORE_THE_PAYLOAD = ['malformed', 'algorithm', 'type', 'unknown_key', 'signature']

test.each(ALGORITHMS)(
  'a %s token with any one byte changed, added, removed or swapped is refused, and nothing of it is believed (JW-7, JW-17, JW-21)',
  { timeout: 60_000 },
  async (alg) => {
    const { text, kind, verifier } = await genuineToken(alg)
    const genuine = await verifier.verify(kind, text)
    const signature = text.slice(text.lastIndexOf('.') + 1)
    await fc.assert(
      fc.asyncProperty(edited(text), async (spoiled) => {
        const error = await verifier.verify(kind, spoiled).then(
          () => 'taken',
          (reason: unknown) => reason,
        )
        if (!(error instanceof TokenError)) throw new Error(`not refused but ${error}`)
        expect(BEFORE_THE_PAYLOAD).toContain(error.code)
        expect(error.message).not.toContain(signature)
      }),
      { seed: SEED, numRuns: RUNS },
    )
    expect(await verifier.verify(kind, text)).toBe(genuine)
  },
)

test.each([false, true])(
  'an envelope with any one byte changed, added, removed or swapped opens to null (BF-4), compress: %s',
  { timeout: 60_000 },
  async (compress) => {
    const sealer = createSealer({ secrets: [SECRET], purpose: 'session', compress })
    const session = { user: 'alice', scope: 'openid notes' }
    const envelope = await sealer.seal(session)
    await fc.assert(
      fc.asyncProperty(edited(envelope), async (spoiled) => {
        expect(await sealer.open(spoiled)).toBeNull()
      }),
      { seed: SEED, numRuns: RUNS },
    )
    expect(await sealer.open(envelope)).toEqual(session)
  },
)
