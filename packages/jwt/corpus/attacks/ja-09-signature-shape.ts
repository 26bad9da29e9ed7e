import { constants, createHash, privateEncrypt, sign } from 'node:crypto'
import { type Cast, forge, type KeyPair, partsOf, resigned } from '../forger.ts'
import { attack, type TokenCase } from '../shape.ts'
import { bytesOf, N, numberOf } from './ja-08-zero-signature.ts'

/** Signatures in another form, of another length, of another hash, with other padding. */
export function signatureShape({ genuine }: Cast): TokenCase[] {
  return [
    ...ecdsa(genuine.ES256),
    ...ed25519(genuine.Ed25519),
    ...rsa(genuine.RS256),
    ...twins(genuine.ES256),
  ]
}

const inputOf = (text: string) => Buffer.from(partsOf(text).slice(0, 2).join('.'))
const signatureOf = (text: string) => Buffer.from(partsOf(text)[2], 'base64url')

function ecdsa(pair: KeyPair): TokenCase[] {
  const text = forge('access token', pair)
  const raw = signatureOf(text)
  const [r, s] = [raw.subarray(0, 32), raw.subarray(32)]
  const der = (hash: string) => sign(hash, inputOf(text), pair.privateKey)
  const p1363 = (hash: string, input = inputOf(text)) =>
    sign(hash, input, { key: pair.privateKey, dsaEncoding: 'ieee-p1363' })
  const [header, payload] = partsOf(text)
  const zero = Buffer.of(0)
  const signatures: [string, Buffer][] = [
    ['in DER', der('sha256')],
    ['without its first byte', raw.subarray(1)],
    ['without its last byte', raw.subarray(0, 63)],
    ['r alone', r],
    ['with a zero before it', Buffer.concat([zero, raw])],
    ['with a zero behind it', Buffer.concat([raw, zero])],
    ['with a zero before r and before s', Buffer.concat([zero, r, zero, s])],
    ['twice', Buffer.concat([raw, raw])],
    ['little-endian', Buffer.concat([Buffer.from(r).reverse(), Buffer.from(s).reverse()])],
    ['as hexadecimal text', Buffer.from(raw.toString('hex'))],
    ['as base64url text', Buffer.from(raw.toString('base64url'))],
    ['over SHA-384', p1363('sha384')],
    ['over SHA-1', p1363('sha1')],
    ['of the payload alone', p1363('sha256', Buffer.from(payload))],
    ['of the decoded payload', p1363('sha256', Buffer.from(payload, 'base64url'))],
    ['of header and payload without the dot', p1363('sha256', Buffer.from(header + payload))],
    ['of the hash of the hash', p1363('sha256', createHash('sha256').update(inputOf(text)).digest())],
    ['of another token', signatureOf(forge('access token', pair, { payload: { sub: 'bob' } }))],
  ]
  return signatures.map(([name, signature]) =>
    attack('JA-9').refused('signature', `ES256: the signature ${name}`, resigned(text, signature)),
  )
}

function ed25519(pair: KeyPair): TokenCase[] {
  const text = forge('access token', pair)
  const raw = signatureOf(text)
  const signatures: [string, Buffer][] = [
    ['without its last byte', raw.subarray(0, 63)],
    ['with a zero behind it', Buffer.concat([raw, Buffer.of(0)])],
    ['of the SHA-512 of the text', pair.sign(createHash('sha512').update(inputOf(text)).digest())],
    ['with its first bit changed', Buffer.concat([Buffer.of((raw[0] ?? 0) ^ 1), raw.subarray(1)])],
  ]
  return signatures.map(([name, signature]) =>
    attack('JA-9').refused('signature', `Ed25519: the signature ${name}`, resigned(text, signature)),
  )
}

// DigestInfo of SHA-256, with its parameter NULL and without (RFC 8017 §9.2).
const DIGEST_INFO = Buffer.from('3031300d060960864801650304020105000420', 'hex')
const DIGEST_INFO_BARE = Buffer.from('302f300b06096086480165030402010420', 'hex')

function rsa(pair: KeyPair): TokenCase[] {
  const text = forge('access token', pair)
  const input = inputOf(text)
  const hash = createHash('sha256').update(input).digest()
  const rawly = (block: Buffer) =>
    privateEncrypt({ key: pair.privateKey, padding: constants.RSA_NO_PADDING }, block)
  const padded = (content: Buffer, { type = 1, fill = 0xff, behind = Buffer.alloc(0) } = {}) => {
    const padding = Buffer.alloc(256 - 3 - content.length - behind.length, fill)
    return Buffer.concat([Buffer.of(0, type), padding, Buffer.of(0), content, behind])
  }
  const info = Buffer.concat([DIGEST_INFO, hash])
  const signatures: [string, Buffer][] = [
    [
      'with PSS padding',
      sign('sha256', input, { key: pair.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING }),
    ],
    ['over SHA-512', sign('sha512', input, pair.privateKey)],
    ['without its last byte', signatureOf(text).subarray(0, 255)],
    ['with a zero before it', Buffer.concat([Buffer.of(0), signatureOf(text)])],
    ['of the hash without padding', rawly(Buffer.concat([Buffer.alloc(224), hash]))],
    ['of the hash without its algorithm', rawly(padded(hash))],
    ['of a DigestInfo without NULL', rawly(padded(Buffer.concat([DIGEST_INFO_BARE, hash])))],
    ['with rubbish behind the hash', rawly(padded(info, { behind: Buffer.alloc(100, 0x5a) }))],
    ['with padding that is not all ones', rawly(padded(info, { fill: 0xee }))],
    ['with the padding of encryption', rawly(padded(info, { type: 2 }))],
  ]
  return signatures.map(([name, signature]) =>
    attack('JA-9').refused('signature', `RS256: the signature ${name}`, resigned(text, signature)),
  )
}

function twins(pair: KeyPair): TokenCase[] {
  const { accepted } = attack('JA-9', 'logout token')
  const text = forge('logout token', pair)
  const raw = signatureOf(text)
  const s = numberOf(raw.subarray(32))
  const twin = resigned(text, Buffer.concat([raw.subarray(0, 32), bytesOf(N - s)]))
  return [
    accepted('ES256: the original of the twin', text),
    accepted('ES256: the twin, with n - s in place of s', twin, {
      either: true,
      note: 'Who has (r, s) can make (r, n - s), and it verifies: the same claims under another text. So what must be used once is remembered by its jti, never by its text or signature.',
    }),
  ]
}
