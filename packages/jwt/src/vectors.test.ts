import type { JWK } from 'jose'
import { describe, expect, test } from 'vitest'
import { AccessToken, createSealer, TokenError } from './index.ts'
import { forge, goodParts, testKey, verifierFor } from './issuer.fixture.ts'
import { ALGORITHMS, importPublicKeys } from './keys.ts'
import {
  filesOf,
  type Group,
  isPresent,
  keysOf,
  read,
  refusal,
  titled,
  wycheproof,
} from './vectors.fixture.ts'

// An algorithm that is not taken here is refused, whatever upstream says of the signature.
const isOurs = (group: Group) =>
  keysOf(group).every(({ alg }) => alg === undefined || ALGORITHMS.some((ours) => ours === alg))
// No verifier can be expected to see the ROCA weakness of a key.
const isVisible = ({ comment }: Group) => !comment.includes('roca')

// Where a JWT is stricter than a JWS: characters outside of base64url (372, 373), no payload at all (259).
const REFUSED_HERE = [259, 372, 373]
// Upstream calls the very text of 357, which it says is valid, invalid here (C2SP/wycheproof#236).
const MISLABELLED = [367, 370]

/** What came of each case, and where that is not what it should be. */
async function judge(groups: Group[]) {
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

describe.skipIf(!isPresent)(titled('Wycheproof'), () => {
  test('JSON Web Signature', async () => {
    const { count, wrong } = await judge(wycheproof('signature'))
    console.info('Wycheproof JWS:', count)
    expect(wrong).toEqual([])
    expect(count.accepted).toBeGreaterThan(10)
    expect(count.refused).toBeGreaterThan(150)
  })

  test('keys, key sets and signatures over mixed material (JW-2, JW-16)', async () => {
    const { count, wrong } = await judge([...wycheproof('key'), ...wycheproof('crypto')].filter(isVisible))
    console.info('Wycheproof keys:', count)
    expect(wrong).toEqual([])
    expect(count.accepted).toBeGreaterThan(3)
    expect(count.refused).toBeGreaterThan(25)
  })

  test('JSON Web Encryption: none is a token, none is an envelope of ours (JW-18, JA-11)', async () => {
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
    expect(count).toBeGreaterThan(60)
  })
})

describe.skipIf(!isPresent)(titled('JSON parsing'), () => {
  test('as header and as payload (JA-16, F-85)', async () => {
    const key = await testKey('Ed25519')
    const verifier = await verifierFor(key)
    const { header, payload } = goodParts(key)
    const count = { y: 0, n: 0, i: 0 }
    const wrong: string[] = []
    const texts = read<{ name: string; expect: 'y' | 'n' | 'i'; b64: string }[]>('json/parsing.json')
    for (const { name, expect: expected, b64 } of texts) {
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
    expect(count.y).toBeGreaterThan(50)
    expect(count.n).toBeGreaterThan(90)
  })
})

interface Example {
  input: { key?: JWK | JWK[] }
  output: { compact?: string; json?: object; json_flat?: object }
}

/** The header of a compact text, read without any trust: it says what is right for the example. */
const headerOf = (compact: string) =>
  JSON.parse(Buffer.from(compact.split('.', 1)[0] ?? '', 'base64url').toString())

/** What has to come of an example in its compact form, and why. */
function rightOf(compact: string): [code: string | undefined, why: string] {
  const parts = compact.split('.')
  const { alg, ...header } = headerOf(compact)
  if (parts.length !== 3) return ['malformed', 'it is encrypted']
  if ('crit' in header || 'b64' in header) return ['malformed', 'it asks for an extension']
  if (!parts[1]) return ['malformed', 'its payload is elsewhere']
  if (![...ALGORITHMS, 'EdDSA'].includes(alg)) return ['algorithm', `${alg} is not taken`]
  return [undefined, `${alg} is taken`]
}

describe.skipIf(!isPresent)(titled('JOSE cookbook'), () => {
  const examples = () =>
    ['jws', 'jwe', 'curve25519', 'rfc7797'].flatMap((name) => filesOf(`jose-cookbook/${name}/`))

  test('in its compact form an example is taken if it is signed with one of our algorithms and nothing else is asked', async () => {
    const outcomes: Record<string, string> = {}
    for (const path of examples()) {
      const { input, output } = read<Example>(path)
      if (output.compact === undefined) continue
      const [right, why] = rightOf(output.compact)
      expect(await refusal(output.compact, [input.key ?? []].flat().map(publicHalf)), path).toBe(right)
      outcomes[path.replace('jose-cookbook/', '')] = `${right === undefined ? 'accepted' : 'refused'}: ${why}`
    }
    console.info('JOSE cookbook, compact:', outcomes)
    const accepted = Object.values(outcomes).filter((outcome) => outcome.startsWith('accepted'))
    expect(accepted.length).toBeGreaterThan(1)
    expect(Object.keys(outcomes).length).toBeGreaterThan(8)
  })

  test('as JSON, general and flattened, it is none: only the compact form is a token (JW-7, JA-12)', async () => {
    let count = 0
    for (const path of examples()) {
      const { input, output } = read<Example>(path)
      for (const json of [output.json, output.json_flat]) {
        if (json === undefined) continue
        const keys = [input.key ?? []].flat().map(publicHalf)
        expect(await refusal(json, keys), path).toBe('malformed')
        expect(await refusal(JSON.stringify(json), keys), path).toBe('malformed')
        count += 1
      }
    }
    console.info('JOSE cookbook, JSON, refused:', count)
    expect(count).toBeGreaterThan(20)
  })

  test('a key verifies if it is public and of an algorithm that is taken (JW-25)', async () => {
    const outcomes: Record<string, string> = {}
    for (const path of filesOf('jose-cookbook/jwk/')) {
      const jwk = read<JWK>(path)
      const why = reasonAgainst(jwk)
      const keys = await importPublicKeys({ keys: [jwk] })
      expect(keys, path).toHaveLength(why === undefined ? 1 : 0)
      outcomes[path.replace('jose-cookbook/', '')] = why === undefined ? 'used' : `left out: ${why}`
    }
    console.info('JOSE cookbook, keys:', outcomes)
    expect(Object.values(outcomes)).toContain('used')
    expect(Object.keys(outcomes).length).toBeGreaterThan(4)
  })
})

function reasonAgainst({ kty, crv, d, use }: JWK): string | undefined {
  if (kty === 'oct') return 'it is symmetric'
  if (d !== undefined) return 'it is private'
  if (use === 'enc') return 'it is for encryption'
  if (kty !== 'RSA' && crv !== 'P-256' && crv !== 'Ed25519') return `${crv} is not taken`
  return undefined
}

function publicHalf(jwk: JWK): JWK {
  if (jwk.kty === 'oct') return jwk
  const secret = ['d', 'p', 'q', 'dp', 'dq', 'qi']
  return Object.fromEntries(Object.entries(jwk).filter(([name]) => !secret.includes(name)))
}
