import { existsSync, readdirSync, readFileSync } from 'node:fs'
import type { JWK } from 'jose'
import {
  createVerifier,
  defineToken,
  type KeySource,
  localKeys,
  TokenError,
  type WantedKey,
} from './index.ts'
import { NOON } from './issuer.fixture.ts'
import { ALGORITHMS, select } from './keys.ts'

// Test vectors that others made. They are not part of this repository: their README, where they are, describes them.
const folder = new URL('../../../../shared/vectors/', import.meta.url)

export const isPresent = existsSync(folder)
/** What a suite over them is called: without them its tests are skipped, and this is why. */
export const titled = (title: string) => (isPresent ? title : `${title} (vectors not present)`)

export function read<Shape>(path: string): Shape {
  return JSON.parse(readFileSync(new URL(path, folder), 'utf8')) as Shape // their README describes it
}

export function filesOf(path: string): string[] {
  const names = readdirSync(new URL(path, folder)).filter((name) => name.endsWith('.json'))
  return names.map((name) => `${path}${name}`)
}

export interface Case {
  tcId: number
  comment: string
  result: 'valid' | 'invalid'
  jws?: string | object
  jwe?: string | object
}

export interface Group {
  comment: string
  public?: JWK | { keys: JWK[] }
  private?: JWK | { keys: JWK[] }
  tests: Case[]
}

export const wycheproof = (name: string) =>
  read<{ testGroups: Group[] }>(`wycheproof/json_web_${name}.json`).testGroups

export function keysOf(group: Group): JWK[] {
  const given = group.public ?? group.private ?? { keys: [] }
  return 'keys' in given && Array.isArray(given.keys) ? given.keys : [given as JWK] // the other half of the union
}

// What is signed in the vectors is no claims: they are about what comes before.
const Anything = defineToken({
  name: 'anything',
  typ: 'JWT',
  typMayBeAbsent: true,
  hasAudience: false,
  maxAgeSeconds: 0,
  says: {},
})
const KINDS = [Anything, { ...Anything, isOneParty: true }]

/** Why a verifier that lists all algorithms refuses this text, whatever is signed in it; `undefined` if header, key and signature are good. */
export async function refusal(jws: unknown, keys: JWK[]): Promise<string | undefined> {
  const codes = await Promise.all(KINDS.map((kind) => refusalAs(kind, jws, keys)))
  if (codes.includes(undefined)) return undefined
  return codes.find((code) => code !== 'algorithm') ?? 'algorithm'
}

async function refusalAs(kind: typeof Anything, jws: unknown, keys: JWK[]): Promise<string | undefined> {
  let isHeaderGood = false
  const source: KeySource = {
    revision: () => undefined,
    async find(wanted) {
      isHeaderGood = true
      const found = wanted.alg === 'HS256' ? await secrets(keys, wanted) : await publicKeys(keys, wanted)
      return { keys: found, revision: 0 }
    },
  }
  const verifier = createVerifier({
    issuer: 'nobody',
    audience: 'nobody',
    algorithms: ALGORITHMS,
    keys: source,
    status: 'unchecked',
    now: () => NOON,
  })
  try {
    await verifier.verify(kind, jws as string) // what is not text is refused there
  } catch (error) {
    if (!(error instanceof TokenError)) throw error
    const isSignatureGood = isHeaderGood && !['unknown_key', 'signature'].includes(error.code)
    return isSignatureGood ? undefined : error.code
  }
  throw new Error('nothing can be good for this kind')
}

const publicKeys = async (keys: JWK[], wanted: WantedKey) => (await localKeys({ keys }).find(wanted)).keys

/** The house never imports a symmetric JWK, so the vectors' own are given as `secretKeys` would give them: 256 bits or more. */
async function secrets(keys: JWK[], wanted: WantedKey): Promise<CryptoKey[]> {
  const usable = keys.filter(({ kty, alg, k = '' }) => kty === 'oct' && alg === 'HS256' && k.length >= 43)
  const named = usable.filter(({ kid }) => keys.filter((key) => key.kid === kid).length === 1)
  const hmac = { name: 'HMAC', hash: 'SHA-256' }
  const imported = await Promise.all(
    named.map(async ({ k = '', kid }) => ({
      alg: 'HS256' as const,
      kid,
      key: await crypto.subtle.importKey('raw', Buffer.from(k, 'base64url'), hmac, false, ['verify']),
    })),
  )
  return select(imported, wanted)
}
