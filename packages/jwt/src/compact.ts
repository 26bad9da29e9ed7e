import { base64url } from 'jose'
import { isObject } from './claims.ts'
import { TokenError } from './errors.ts'

export interface Header {
  alg: string
  kid?: string
  typ?: string
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const SEGMENT = /^[A-Za-z0-9_-]+$/
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

// What would change how the rest is read: extensions we do not know, unencoded payloads, compression, encryption.
const FORBIDDEN_MEMBERS = ['crit', 'b64', 'zip', 'enc']

/**
 * Takes a compact JWS (RFC 7515 §7.1) apart strictly, without checking its signature: three parts, each canonical base64url.
 * The payload stays as it is. Keys named by the header (`jwk`, `jku`, `x5c`, `x5u`) are never looked at.
 * @throws TokenError `too_large`, `malformed`, `algorithm`
 */
export function readCompact(text: string, maxLength: number): { header: Header; payload: string } {
  if (typeof text !== 'string') throw new TokenError('malformed', 'the token is not a string')
  if (text.length > maxLength)
    throw new TokenError('too_large', `the token is longer than ${maxLength} characters`)
  const parts = text.split('.', 6)
  if (parts.length === 5)
    throw new TokenError('malformed', 'the token is encrypted (five parts); a signed one has three')
  const [header, payload, signature] = parts
  if (parts.length !== 3 || !header || !payload || !signature) {
    throw new TokenError('malformed', 'a signed token has three parts, none of them empty')
  }
  for (const part of parts) {
    if (!isCanonical(part)) throw new TokenError('malformed', 'the token is not canonical base64url')
  }
  return { header: trustedHeader(parseObject(header)), payload }
}

/** No padding, no white space, and no bits in the last character that decode to nothing (RFC 4648 §3.5). */
export function isCanonical(segment: string): boolean {
  if (!SEGMENT.test(segment) || segment.length % 4 === 1) return false
  const unusedBits = segment.length % 4 === 2 ? 0b1111 : segment.length % 4 === 3 ? 0b11 : 0
  return (ALPHABET.indexOf(segment.at(-1) ?? '') & unusedBits) === 0
}

/**
 * What a segment holds: one JSON object in UTF-8. Of two members with one name the last counts, here as everywhere.
 * @throws TokenError `malformed`
 */
export function parseObject(segment: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(utf8.decode(base64url.decode(segment)))
  } catch {
    throw new TokenError('malformed', 'the token does not hold JSON in UTF-8')
  }
  if (!isObject(value)) throw new TokenError('malformed', 'the token does not hold a JSON object')
  return value
}

function trustedHeader(header: Record<string, unknown>): Header {
  const { alg, kid, typ } = header
  if (FORBIDDEN_MEMBERS.some((name) => Object.hasOwn(header, name))) {
    throw new TokenError('malformed', 'the header asks for an extension that is not taken')
  }
  if (typeof alg !== 'string') throw new TokenError('algorithm', 'the header names no algorithm')
  if (kid !== undefined && (typeof kid !== 'string' || kid.length > 128)) {
    throw new TokenError('malformed', 'the key id is not a string of at most 128 characters')
  }
  if (typ !== undefined && typeof typ !== 'string') throw new TokenError('type', 'the type is not a string')
  return { alg, ...(kid !== undefined && { kid }), ...(typ !== undefined && { typ }) }
}
