import { generateKeyPairSync, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createDpopKey, type DpopKey } from '../testing/dpop.ts'
import {
  DPOP_ALGORITHMS,
  type DpopExpectation,
  memoryReplayStore,
  TokenError,
  verifyDpopProof,
} from './index.ts'
import { forge, NOON, NOON_SECONDS, segment, testKey } from './issuer.fixture.ts'

const TOKEN_URL = 'https://auth.example/token'
const key = await createDpopKey()
const request = { method: 'POST', url: TOKEN_URL, now: NOON }

/** What the server at TOKEN_URL says to this proof, at noon and with an empty memory. */
async function verdict(proof: string, more: Partial<DpopExpectation> = {}): Promise<string> {
  const used = memoryReplayStore({ now: () => more.now ?? NOON })
  try {
    const { jkt } = await verifyDpopProof(proof, { ...request, used, ...more })
    return jkt === key.jkt ? 'good' : `good, of ${jkt}`
  } catch (error) {
    if (error instanceof TokenError) return error.code
    throw error
  }
}
const verdictOn = async (change: Parameters<DpopKey['prove']>[1], more = {}) =>
  await verdict(await key.prove(request, change), more)

describe('PO-1 a proof', () => {
  test.each(['ES256', 'Ed25519'] as const)(
    'PO-9 of a %s key is good, and tells the key and the nonce',
    async (alg) => {
      const { jkt, prove } = await createDpopKey(alg)
      const used = memoryReplayStore({ now: () => NOON })
      const proof = await verifyDpopProof(await prove({ ...request, nonce: 'n-1' }), { ...request, used })
      expect(proof).toEqual({ jkt, nonce: 'n-1' })
    },
  )

  test('EdDSA is the old name of Ed25519', async () => {
    const { jkt, prove } = await createDpopKey('Ed25519')
    expect(await verdict(await prove(request, { header: { alg: 'EdDSA' } }))).toBe(`good, of ${jkt}`)
  })

  test.each([
    ['nothing', () => ''],
    ['two headers, as fetch joins them', (proof: string) => `${proof}, ${proof}`],
    ['a token of two parts', (proof: string) => proof.split('.').slice(0, 2).join('.')],
    ['a token of five parts', (proof: string) => `${proof}.a.b`],
    ['the unsigned one', (proof: string) => proof.replace(/[^.]*$/, '')],
    ['one with padding', (proof: string) => `${proof}=`],
    ['one after white space', (proof: string) => ` ${proof}`],
  ])('DP-1 that is %s: malformed', async (_, change) => {
    expect(await verdict(change(await key.prove(request)))).toBe('malformed')
  })

  test.each([
    ['typ', { header: { typ: undefined } }, 'type'],
    ['alg', { header: { alg: undefined } }, 'algorithm'],
    ['jwk', { header: { jwk: undefined } }, 'unknown_key'],
    ...['jti', 'htm', 'htu', 'iat'].map(
      (name) => [name, { claims: { [name]: undefined } }, 'claim'] as const,
    ),
  ] as const)('DP-2 without %s: refused', async (_, change, code) => {
    expect(await verdictOn(change)).toBe(code)
  })

  test.each([
    ['jti', ['', 7, null, 'x'.repeat(256)]],
    ['htm', ['', 'post', 'GET', ['POST'], 'P'.repeat(17)]],
    ['htu', ['', 'token', '/token', null, [TOKEN_URL], `${TOKEN_URL}?${'x'.repeat(2048)}`]],
    ['iat', ['1', null, -1, NOON_SECONDS * 1000, true]],
    ['exp', ['soon', null]],
    ['nbf', ['soon', null]],
    ['nonce', [7, null, '']],
    ['ath', [7, null, '']],
  ])('DP-2 DP-5 whose %s is of another kind: refused', async (name, values) => {
    for (const value of values) {
      const code = await verdictOn({ claims: { [name]: value } })
      expect([value, code]).toEqual([value, 'claim'])
    }
  })

  test.each(['JWT', 'at+jwt', 'dpop', 'dpop+jwt ', 'xdpop+jwt', ''])(
    'DP-3 with typ %j: refused',
    async (typ) => {
      expect(await verdictOn({ header: { typ } })).toBe('type')
    },
  )

  test.each(['dpop+jwt', 'DPoP+JWT', 'application/dpop+jwt'])('with typ %s: taken', async (typ) => {
    expect(await verdictOn({ header: { typ } })).toBe('good')
  })

  test.each(['none', 'None', 'HS256', 'RS256', 'PS256', 'ES384', 'ES256K', 'es256', '__proto__'])(
    'DP-3 PO-9 with alg %s: refused',
    async (alg) => {
      expect(await verdictOn({ header: { alg } })).toBe('algorithm')
    },
  )

  test('PO-9 the algorithms are announced, and all of them are asymmetric', () => {
    expect(DPOP_ALGORITHMS).toEqual(['ES256', 'Ed25519'])
  })

  test.each([{ crit: ['exp'] }, { b64: false }, { zip: 'DEF' }, { enc: 'A256GCM' }])(
    'with the extension %o: malformed',
    async (header) => {
      expect(await verdictOn({ header })).toBe('malformed')
    },
  )

  test('DP-4 that another key signed, or that was changed afterwards: refused', async () => {
    const [header, , signature] = (await key.prove(request)).split('.')
    const claims = segment({ jti: 'x', htm: 'POST', htu: TOKEN_URL, iat: NOON_SECONDS })
    expect(await verdict(`${header}.${claims}.${signature}`)).toBe('signature')
    const stranger = await createDpopKey()
    expect(await verdictOn({ header: { jwk: stranger.publicJwk } })).toBe('signature')
    const { publicJwk } = await createDpopKey('Ed25519')
    expect(await verdictOn({ header: { jwk: publicJwk } })).toBe('signature')
  })

  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' })
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ format: 'jwk' })
  test.each<[string, unknown]>([
    ['private', { ...key.publicJwk, d: randomBytes(32).toString('base64url') }],
    ['private in a member that is not of its type', { ...key.publicJwk, p: '' }],
    ['symmetric', { kty: 'oct', k: randomBytes(32).toString('base64url') }],
    ['of another curve', p384],
    ['off its curve', { ...key.publicJwk, x: key.publicJwk.y }],
    ['for encryption', { ...key.publicJwk, use: 'enc' }],
    ['for other operations', { ...key.publicJwk, key_ops: ['encrypt'] }],
    ['for another algorithm', { ...key.publicJwk, alg: 'RS256' }],
    ['incomplete', { ...key.publicJwk, y: undefined }],
    ['of numbers', { ...key.publicJwk, x: 1, y: 2 }],
    ['a list', [key.publicJwk]],
    ['a text', JSON.stringify(key.publicJwk)],
    ['null', null],
    ['empty', {}],
  ])('DP-4 whose jwk is %s: refused, and it is said why', async (_, jwk) => {
    const used = memoryReplayStore({ now: () => NOON })
    const proof = await key.prove(request, { header: { jwk } })
    await expect(verifyDpopProof(proof, { ...request, used })).rejects.toMatchObject({
      code: 'unknown_key',
      message: 'the DPoP proof names no public key of these algorithms',
    })
  })

  test('DP-4 whose jwk is an RSA key, which is not for these algorithms: refused', async () => {
    expect(await verdictOn({ header: { jwk: rsa } })).toBe('signature')
  })

  test('a kid, a jku or a certificate beside the jwk is never looked at', async () => {
    const jku = 'https://evil.example/jwks'
    expect(await verdictOn({ header: { kid: '../../dev/null', jku, x5u: jku, x5c: ['AA'] } })).toBe('good')
  })

  test('DP-10 with claims that nobody knows: taken', async () => {
    expect(
      await verdictOn({ claims: JSON.parse('{"foo":"bar","sub":[1],"aud":null,"__proto__":{"jti":"x"}}') }),
    ).toBe('good')
  })

  test('that is larger than four kilobytes: too_large, before anything is decoded', async () => {
    expect(await verdictOn({ claims: { filler: 'x'.repeat(4096) } })).toBe('too_large')
    expect(await verdict('x'.repeat(5_000))).toBe('too_large')
  })

  test.each(['[]', 'null', '"text"', '{', '{"jti":"a"}{}', '\uFEFF{}', ''])(
    'whose payload is %j: refused',
    async (payload) => {
      const { signing, publicJwk } = await testKey()
      const header = { typ: 'dpop+jwt', alg: 'ES256', jwk: publicJwk }
      expect(await verdict(await forge(signing, header, payload))).toBe('malformed')
    },
  )
})

describe('the request that it is for', () => {
  test.each([
    ['the method in another case', { htm: 'post' }],
    ['another method', { htm: 'GET' }],
    ['another path', { htu: 'https://auth.example/par' }],
    ['a path in another case', { htu: 'https://auth.example/Token' }],
    ['a path with a slash after it', { htu: 'https://auth.example/token/' }],
    ['another host', { htu: 'https://auth.example.evil.example/token' }],
    ['another port', { htu: 'https://auth.example:8443/token' }],
    ['another scheme', { htu: 'http://auth.example/token' }],
    ['a scheme without a host', { htu: 'auth:/token' }],
    ['an encoded slash', { htu: 'https://auth.example/%2ftoken' }],
    ['no address', { htu: 'token' }],
  ])('DP-5 %s: refused', async (_, claims) => {
    expect(await verdictOn({ claims })).toBe('claim')
  })

  test.each([
    ['a query and a fragment', 'https://auth.example/token?a=b&c#d'],
    ['the host in another case', 'https://AUTH.Example/token'],
    ['the scheme in another case', 'HTTPS://auth.example/token'],
    ['the default port written out', 'https://auth.example:443/token'],
    ['dots in the path', 'https://auth.example/x/../token'],
    ['a letter that need not be encoded', 'https://auth.example/%74oken'],
  ])('DP-6 %s: normalised away', async (_, htu) => {
    expect(await verdictOn({ claims: { htu } })).toBe('good')
    const proof = await key.prove(request)
    expect(await verdict(proof, { url: htu })).toBe('good')
  })

  test('DP-6 escapes are compared without case, and an escape that means something stays one', async () => {
    const prove = (url: string) => key.prove({ ...request, url })
    const url = 'https://shop.example/b%C3%BCcher/a%2Fb'
    expect(await verdict(await prove('https://shop.example/b%c3%bccher/a%2fb'), { url })).toBe('good')
    expect(await verdict(await prove('https://shop.example/bücher/a%2Fb'), { url })).toBe('good')
    expect(await verdict(await prove('https://shop.example/b%C3%BCcher/a/b'), { url })).toBe('claim')
  })

  test('where the server does not know its own address, nothing is taken', async () => {
    expect(await verdict(await key.prove({ ...request, url: '/token' }), { url: '/token' })).toBe('claim')
    await expect(verdict(await key.prove(request), { url: '/token' })).rejects.toThrow(TypeError)
  })

  test('DP-2 DP-9 at a resource: the hash of the token has to be there, and of this token', async () => {
    const prove = (accessToken?: string) => key.prove({ ...request, accessToken })
    const at = { accessToken: 'a-token' }
    expect(await verdict(await prove('a-token'), at)).toBe('good')
    expect(await verdict(await prove('another-token'), at)).toBe('claim')
    expect(await verdict(await prove(), at)).toBe('claim')
    expect(await verdict(await prove('a-token'))).toBe('good') // elsewhere it says nothing
  })
})

test('DP-9 at a resource: it is of the key that the token is bound to', async () => {
  const stranger = await createDpopKey()
  expect(await verdict(await key.prove(request), { jkt: key.jkt })).toBe('good')
  expect(await verdict(await stranger.prove(request), { jkt: key.jkt })).toBe('claim')
})

describe('its moment', () => {
  const at = async (seconds: number, more = {}) =>
    await verdictOn({ claims: { iat: NOON_SECONDS + seconds } }, more)

  test('F-42 FA-12 a clock ten seconds apart is tolerated, with some seconds for the way', async () => {
    const now = new Date(NOON.getTime() + 4_999)
    expect([await at(-10), await at(10), await at(-10, { now })]).toEqual(['good', 'good', 'good'])
    expect(await Promise.all([-16, -15, 0, 15, 16].map((seconds) => at(seconds)))).toEqual([
      ...['too_old', 'good', 'good', 'good', 'not_yet_valid'],
    ])
  })

  test('F-42 sixty by setting, and no setting allows more', async () => {
    const sixty = { toleranceSeconds: 60 }
    expect(await Promise.all([-61, -60, 60, 61].map((seconds) => at(seconds, sixty)))).toEqual([
      ...['too_old', 'good', 'good', 'not_yet_valid'],
    ])
    for (const toleranceSeconds of [61, -1, Number.NaN, Number.POSITIVE_INFINITY])
      await expect(at(0, { toleranceSeconds })).rejects.toThrow(RangeError)
  })

  test('DP-7 F-42 an hour off, either way: refused, with the widest setting too', async () => {
    for (const toleranceSeconds of [10, 60]) {
      expect(await at(-3_600, { toleranceSeconds })).toBe('too_old')
      expect(await at(3_600, { toleranceSeconds })).toBe('not_yet_valid')
    }
  })

  test('FA-11 nbf and exp are obeyed where they are, beside iat and with the same tolerance', async () => {
    const said = (iat: number, nbf: number, exp: number) =>
      verdictOn({ claims: { iat: NOON_SECONDS + iat, nbf: NOON_SECONDS + nbf, exp: NOON_SECONDS + exp } })
    expect(await said(0, 0, 60)).toBe('good')
    expect(await said(0, 15, -15)).toBe('good')
    expect(await said(0, 16, 60)).toBe('not_yet_valid')
    expect(await said(16, 0, 60)).toBe('not_yet_valid')
    expect(await said(0, 0, -16)).toBe('too_old')
    expect(await said(-16, -16, 60)).toBe('too_old')
  })
})

describe('PO-4 DP-8 a proof works once', () => {
  test('of fifty that come with it at once one is let in', async () => {
    const used = memoryReplayStore({ now: () => NOON })
    const proof = await key.prove(request)
    const verdicts = await Promise.all(Array.from({ length: 50 }, () => verdict(proof, { used })))
    expect(verdicts.toSorted()).toEqual(['good', ...Array(49).fill('used')])
  })

  test('the same jti of another key is another proof; of this key it is the same one on another address too', async () => {
    const used = memoryReplayStore({ now: () => NOON })
    const same = { claims: { jti: 'one' } }
    const stranger = await createDpopKey()
    expect(await verdict(await key.prove(request, same), { used })).toBe('good')
    expect(await verdict(await stranger.prove(request, same), { used })).toBe(`good, of ${stranger.jkt}`)
    const url = 'https://auth.example/userinfo'
    expect(await verdict(await key.prove({ ...request, url }, same), { used, url })).toBe('used')
  })

  test.each([10, 60])(
    'for as long as it is taken, with a tolerance of %i s and from the future too',
    async (toleranceSeconds) => {
      let now = NOON
      const used = memoryReplayStore({ now: () => now })
      const proof = await key.prove(request, { claims: { iat: NOON_SECONDS + toleranceSeconds } })
      const again = () => verdict(proof, { used, now, toleranceSeconds })
      expect(await again()).toBe('good')
      for (const [seconds, code] of [
        [toleranceSeconds, 'used'],
        [2 * toleranceSeconds, 'used'],
        [2 * toleranceSeconds + 0.001, 'too_old'],
      ] as const) {
        now = new Date(NOON.getTime() + seconds * 1000)
        expect(await again()).toBe(code)
      }
    },
  )

  test('F-66 a full store lets nobody in', async () => {
    const used = memoryReplayStore({ now: () => NOON, most: 2 })
    const verdicts: string[] = []
    for (let n = 0; n < 4; n += 1) verdicts.push(await verdict(await key.prove(request), { used }))
    expect(verdicts).toEqual(['good', 'good', 'used', 'used'])
  })

  test('a store that fails lets nobody in', async () => {
    const used = { spend: () => Promise.reject(new Error('the database is away')) }
    await expect(verdict(await key.prove(request), { used })).rejects.toThrow('the database is away')
  })

  test('a bad proof is not spent, and names that are long or strange are', async () => {
    const spent: string[] = []
    const used = {
      async spend(jti: string) {
        spent.push(jti)
        return true
      },
    }
    const jti = `${'\u0000💥'.repeat(60)}`
    expect(await verdictOn({ claims: { jti, htm: 'GET' } }, { used })).toBe('claim')
    const stranger = await createDpopKey()
    expect(await verdictOn({ claims: { jti } }, { used, jkt: stranger.jkt })).toBe('claim')
    expect(spent).toEqual([])
    expect(await verdictOn({ claims: { jti } }, { used })).toBe('good')
    expect(spent).toEqual([expect.stringMatching(/^dpop [\w-]{43}$/)])
  })
})

// The seed is stated, so that what fails once fails again.
test('whatever one character of a proof becomes, it is refused, with an error of one kind', async () => {
  const proof = await key.prove({ ...request, nonce: 'n' })
  const places = fc.nat(proof.length - 1)
  const changed = fc.tuple(places, fc.constantFrom(...'AZaz09-_.=+ é'))
  await fc.assert(
    fc.asyncProperty(changed, async ([place, character]) => {
      const text = proof.slice(0, place) + character + proof.slice(place + 1)
      if (text !== proof) expect(await verdict(text)).not.toMatch(/^good/)
    }),
    { seed: 9449, numRuns: 300 },
  )
})
