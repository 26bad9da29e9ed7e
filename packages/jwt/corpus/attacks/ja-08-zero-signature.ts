import { type Cast, forge, type KeyPair, partsOf, resigned } from '../forger.ts'
import { attack, type TokenCase } from '../shape.ts'

/** Of P-256: the prime of the field, and the order of the group. */
const P = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n
export const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
/** The order of the group of Ed25519 (RFC 8032 §5.1). */
const L = 2n ** 252n + 27742317777372353535851937790883648493n
const LARGEST = 2n ** 256n - 1n

export const bytesOf = (value: bigint, length = 32) =>
  Buffer.from(value.toString(16).padStart(2 * length, '0'), 'hex')
export const numberOf = (bytes: Buffer) => BigInt(`0x${bytes.toString('hex')}`)

/** Numbers at which the equations hold for every message, if nobody checks the range. */
export function zeroSignature({ genuine, bare }: Cast): TokenCase[] {
  return [...ecdsa(genuine.ES256, bare.ES256), ...ed25519(genuine.Ed25519), ...rsa(genuine.RS256)]
}

function ecdsa(pair: KeyPair, other: KeyPair): TokenCase[] {
  const text = forge('access token', pair)
  const signature = Buffer.from(partsOf(text)[2], 'base64url')
  const [r, s] = [numberOf(signature.subarray(0, 32)), numberOf(signature.subarray(32))]
  const x = numberOf(Buffer.from(pair.publicJwk.x ?? '', 'base64url'))
  const numbers: [string, bigint, bigint][] = [
    ['r = 0, s = 0', 0n, 0n],
    ['r = 0', 0n, s],
    ['s = 0', r, 0n],
    ['r = n, s = n', N, N],
    ['r = n', N, s],
    ['s = n', r, N],
    ['r = 0, s = n', 0n, N],
    ['r = n, s = 0', N, 0n],
    ['r = 1, s = 1', 1n, 1n],
    ['r = n - 1, s = n - 1', N - 1n, N - 1n],
    ['r = p, s = p', P, P],
    ['r and s are all ones', LARGEST, LARGEST],
    ['r = s', r, r],
    ['r and s in the other order', s, r],
    ['r and s of the key: its x', x % N, x % N],
  ]
  const { refused } = attack('JA-8')
  return [
    ...numbers.map(([name, first, second]) =>
      refused(
        'signature',
        `ES256: ${name}`,
        resigned(text, Buffer.concat([bytesOf(first), bytesOf(second)])),
      ),
    ),
    refused(
      'signature',
      'ES256: r = 0, s = 0 with the key that has no alg',
      resigned(forge('access token', other), Buffer.alloc(64)),
    ),
    refused(
      'signature',
      'ES256: r = 0, s = 0 without kid',
      resigned(forge('access token', pair, { header: { kid: undefined } }), Buffer.alloc(64)),
    ),
  ]
}

function ed25519(pair: KeyPair): TokenCase[] {
  const text = forge('access token', pair)
  const signature = Buffer.from(partsOf(text)[2], 'base64url')
  const [point, scalar] = [signature.subarray(0, 32), signature.subarray(32)]
  const little = (value: bigint) => bytesOf(value).reverse()
  const s = numberOf(Buffer.from(scalar).reverse())
  const neutral = little(1n) // the point (0, 1)
  const { refused } = attack('JA-8')
  const signatures: [string, Buffer, Buffer][] = [
    ['all zero', Buffer.alloc(32), Buffer.alloc(32)],
    ['R is the neutral point, S = 0', neutral, Buffer.alloc(32)],
    ['R is the neutral point', neutral, scalar],
    ['S = 0', point, Buffer.alloc(32)],
    ['S = L', point, little(L)],
    ['S + L, which is the same scalar', point, little(s + L)],
  ]
  return signatures.map(([name, first, second]) =>
    refused('signature', `Ed25519: ${name}`, resigned(text, Buffer.concat([first, second]))),
  )
}

function rsa(pair: KeyPair): TokenCase[] {
  const text = forge('access token', pair)
  const n = numberOf(Buffer.from(pair.publicJwk.n ?? '', 'base64url'))
  const { refused } = attack('JA-8')
  const numbers: [string, bigint][] = [
    ['0', 0n],
    ['1', 1n],
    ['n', n],
    ['n - 1', n - 1n],
  ]
  return numbers.map(([name, value]) =>
    refused('signature', `RS256: the signature is ${name}`, resigned(text, bytesOf(value, 256))),
  )
}
