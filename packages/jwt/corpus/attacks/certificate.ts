import { sign, X509Certificate } from 'node:crypto'
import type { KeyPair } from '../forger.ts'

// ecdsa-with-SHA256 (RFC 5758 §3.2) and commonName (X.520).
const ECDSA_SHA256 = Buffer.from('06082a8648ce3d040302', 'hex')
const COMMON_NAME = Buffer.from('0603550403', 'hex')
const SEQUENCE = 0x30
const SET = 0x31

function der(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  const size =
    length < 128
      ? Buffer.of(length)
      : length < 256
        ? Buffer.of(0x81, length)
        : Buffer.of(0x82, length >> 8, length & 255)
  return Buffer.concat([Buffer.of(tag), size, content])
}

const bits = (content: Buffer) => der(0x03, Buffer.of(0), content)

/** A certificate (RFC 5280 §4.1) of a P-256 key that the key itself has signed, in DER. */
export function selfSignedCertificate(owner: KeyPair, commonName: string): Buffer {
  const name = der(
    SEQUENCE,
    der(SET, der(SEQUENCE, COMMON_NAME, der(0x0c, Buffer.from(commonName)))), // UTF8String
  )
  const moments = ['250101000000Z', '350101000000Z'].map((moment) => der(0x17, Buffer.from(moment))) // UTCTime
  const content = der(
    SEQUENCE,
    der(0xa0, der(0x02, Buffer.of(2))), // version 3
    der(0x02, Buffer.of(1)), // serial number
    der(SEQUENCE, ECDSA_SHA256),
    name,
    der(SEQUENCE, ...moments),
    name,
    owner.publicKey.export({ type: 'spki', format: 'der' }),
  )
  const signature = sign('sha256', content, owner.privateKey)
  const certificate = der(SEQUENCE, content, der(SEQUENCE, ECDSA_SHA256), bits(signature))
  if (!new X509Certificate(certificate).verify(owner.publicKey))
    throw new Error('the certificate is none, so it would lure nobody')
  return certificate
}
