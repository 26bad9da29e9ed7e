import { existsSync, readFileSync } from 'node:fs'
import type { JWK } from 'jose'
import { describe, expect, test } from 'vitest'
import { checkSignature } from './checks.ts'
import { readHeader } from './compact.ts'
import { AccessToken, type Algorithm, createSealer, localKeys, TokenError } from './index.ts'
import { forge, goodParts, keysFrom, testKey, verifierFor } from './issuer.fixture.ts'
import { select } from './keys.ts'

const folder = new URL('../../../../shared/vectors/', import.meta.url)
const isPresent = existsSync(folder)
const title = isPresent ? 'vectors' : 'vectors (skipped: they are not beside this repository)'

function read<Shape>(path: string): Shape | undefined {
  return isPresent ? (JSON.parse(readFileSync(new URL(path, folder), 'utf8')) as Shape) : undefined // their README describes them
}

interface Case {
  tcId: number
  comment: string
  result: 'valid' | 'invalid'
  jws?: string | object
  jwe?: string | object
}
interface Group {
  comment: string
  public?: JWK | { keys: JWK[] }
  private?: JWK | { keys: JWK[] }
  tests: Case[]
}
const wycheproof = (name: string): Group[] =>
  read<{ testGroups: Group[] }>(`wycheproof/json_web_${name}.json`)?.testGroups ?? []

const ALGORITHMS: Algorithm[] = ['ES256', 'RS256', 'Ed25519', 'HS256']

/** Format, header, key and signature as `verify` checks them, for payloads that are no claims. */
async function refusal(jws: unknown, keys: JWK[]): Promise<string | undefined> {
  try {
    const header = readHeader(jws as string, 8192) // what is not text is refused there
    const alg = ALGORITHMS.find((candidate) => candidate === header.alg)
    if (!alg) return 'algorithm'
    const wanted = { alg, ...(header.kid !== undefined && { kid: header.kid }) }
    const found = alg === 'HS256' ? await secrets(keys, wanted) : await keysFrom(localKeys({ keys }), wanted)
    await checkSignature(jws as string, alg, found)
    return undefined
  } catch (error) {
    if (error instanceof TokenError) return error.code
    throw error
  }
}

/** The house never imports a symmetric JWK, so the vectors' own are given as `secretKeys` would give them: 256 bits or more. */
async function secrets(keys: JWK[], wanted: { alg: Algorithm; kid?: string }): Promise<CryptoKey[]> {
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

const keysOf = (group: Group): JWK[] => {
  const given = group.public ?? group.private ?? { keys: [] }
  return 'keys' in given && Array.isArray(given.keys) ? given.keys : [given as JWK] // the other half of the union
}
// An algorithm that is not taken here is refused, whatever upstream says of the signature.
const isOurs = (group: Group) =>
  keysOf(group).every(({ alg }) => alg === undefined || ALGORITHMS.some((ours) => ours === alg))

// Where a JWT is stricter than a JWS: characters outside of base64url (372, 373), no payload at all (259).
const REFUSED_HERE = [259, 372, 373]
// Upstream calls the very text of 357, which it says is valid, invalid here (C2SP/wycheproof#236).
const MISLABELLED = [367, 370]

/** What came of each case, and where that is not what it should be. */
async function judge(groups: Group[]): Promise<{ count: Record<string, number>; wrong: string[] }> {
  const count = { accepted: 0, refused: 0, 'refused: algorithm not taken': 0 }
  const wrong: string[] = []
  for (const group of groups) {
    for (const { tcId, comment, jws, result } of group.tests) {
      if (jws === undefined) continue
      const code = await refusal(jws, keysOf(group))
      const isGood = (result === 'valid' || MISLABELLED.includes(tcId)) && !REFUSED_HERE.includes(tcId)
      if (code === undefined) count.accepted += 1
      else count[isOurs(group) ? 'refused' : 'refused: algorithm not taken'] += 1
      if ((code === undefined) !== (isGood && isOurs(group)))
        wrong.push(`${group.comment} ${tcId} ${comment}: ${code}`)
    }
  }
  return { count, wrong }
}

describe.skipIf(!isPresent)(title, () => {
  test('Wycheproof, JSON Web Signature', async () => {
    const { count, wrong } = await judge(wycheproof('signature'))
    console.info('Wycheproof JWS:', count)
    expect(wrong).toEqual([])
    expect(count.accepted).toBeGreaterThan(8)
  })

  test('Wycheproof, keys, key sets and signatures over mixed material', async () => {
    // No verifier can be expected to see the ROCA weakness of a key.
    const groups = [...wycheproof('key'), ...wycheproof('crypto')].filter(
      ({ comment }) => !comment.includes('roca'),
    )
    const { count, wrong } = await judge(groups)
    console.info('Wycheproof keys:', count)
    expect(wrong).toEqual([])
    expect(count.accepted).toBeGreaterThan(2)
  })

  test('Wycheproof, JSON Web Encryption: none is a token, none is an envelope of ours', async () => {
    const verifier = await verifierFor(await testKey(), { algorithms: ALGORITHMS })
    const sealer = createSealer({ secrets: ['a secret of at least 32 characters'], purpose: 'session' })
    let count = 0
    for (const { tests } of wycheproof('encryption')) {
      for (const { jwe } of tests) {
        const text = typeof jwe === 'string' ? jwe : JSON.stringify(jwe)
        await expect(verifier.verify(AccessToken, text)).rejects.toBeInstanceOf(TokenError)
        expect(await sealer.open(text)).toBeNull()
        count += 1
      }
    }
    console.info('Wycheproof JWE refused:', count)
    expect(count).toBeGreaterThan(0)
  })

  test('JSON parsing, as header and as payload (JA-16, F-85)', async () => {
    const key = await testKey('Ed25519')
    const verifier = await verifierFor(key)
    const { header, payload } = goodParts(key)
    const count = { y: 0, n: 0, i: 0 }
    const wrong: string[] = []
    for (const { name, expect: expected, b64 } of read<
      { name: string; expect: 'y' | 'n' | 'i'; b64: string }[]
    >('json/parsing.json') ?? []) {
      count[expected] += 1
      const bytes = Buffer.from(b64, 'base64')
      if (bytes.length === 0 || bytes.length > 4096) continue // an empty or a too large part is refused before JSON
      for (const text of [
        await forge(key.signing, header, bytes),
        await forge(key.signing, bytes, payload),
      ]) {
        const code = await verifier.verify(AccessToken, text).then(
          () => 'good',
          (error) => (error instanceof TokenError ? error.code : `crash ${error}`),
        )
        const isObject = bytes.toString().trim().startsWith('{')
        // An object that parses fails later, for what is not in it.
        const allowed = {
          n: ['malformed'],
          y: isObject ? ['claim', 'algorithm'] : ['malformed'],
          i: ['malformed', 'claim', 'algorithm'],
        }
        if (!allowed[expected].includes(code)) wrong.push(`${name}: ${code}`)
      }
    }
    console.info('JSON parsing:', count)
    expect(wrong).toEqual([])
    expect(count.y).toBeGreaterThan(0)
  })

  test('JOSE cookbook: RS256 and HS256 are accepted, all others are not', async () => {
    const example = (path: string) =>
      read<{ input: { key?: JWK; key_ops?: unknown }; output: { compact?: string } }>(`jose-cookbook/${path}`)
    const outcome = async (path: string) => {
      const { input, output } = example(path) ?? { input: {}, output: {} }
      return await refusal(output.compact, [publicHalf(input.key ?? {})])
    }
    expect(await outcome('jws/4_1.rsa_v15_signature.json')).toBeUndefined()
    expect(await outcome('jws/4_4.hmac-sha2_integrity_protection.json')).toBeUndefined()
    expect(await outcome('jws/4_2.rsa-pss_signature.json')).toBe('algorithm')
    expect(await outcome('jws/4_3.ecdsa_signature.json')).toBe('algorithm')
    expect(await outcome('rfc7797/hmac-sha2_b64_false.json')).toBe('malformed')
  })
})

function publicHalf(jwk: JWK): JWK {
  if (jwk.kty === 'oct') return jwk
  const secret = ['d', 'p', 'q', 'dp', 'dq', 'qi']
  return Object.fromEntries(Object.entries(jwk).filter(([name]) => !secret.includes(name)))
}
