import { decodeBase64url } from '#crypto'
import { isObject } from './claims.ts'
import { TokenError } from './errors.ts'

export interface Header {
  alg: string
  kid?: string
  typ?: string
}

const COMPACT = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

// What would change how the rest is read: extensions we do not know, unencoded payloads, compression, encryption.
const FORBIDDEN_MEMBERS = ['crit', 'b64', 'zip', 'enc']

/**
 * The header of a compact JWS (RFC 7515 §7.1), read strictly and before any signature is checked: three parts, each canonical
 * base64url. Keys that it names (`jwk`, `jku`, `x5c`, `x5u`) are never looked at.
 * @throws TokenError `too_large`, `malformed`, `algorithm`, `type`
 */
export function readHeader(text: string, mostCharacters: number): Header {
  if (typeof text !== 'string') throw new TokenError('malformed', 'the token is not a string')
  if (text.length > mostCharacters)
    throw new TokenError('too_large', `the token is longer than ${mostCharacters} characters`)
  const [, header = '', payload = '', signature = ''] = COMPACT.exec(text) ?? []
  if (![header, payload, signature].every(isCanonical))
    throw new TokenError(
      'malformed',
      'a signed token is three parts of canonical base64url; an encrypted one, with five, is none',
    )
  return trustedHeader(parseObject(decodeBase64url(header)))
}

/** Of characters of the alphabet: a possible length, and no bits in the last one that decode to nothing (RFC 4648 §3.5). */
export function isCanonical(segment: string): boolean {
  const unusedBits = [0, undefined, 0b1111, 0b11][segment.length % 4]
  return (
    segment !== '' && unusedBits !== undefined && (ALPHABET.indexOf(segment.slice(-1)) & unusedBits) === 0
  )
}

/**
 * What a segment holds: one JSON object in UTF-8. Of two members with one name the last counts, here as everywhere.
 * @throws TokenError `malformed`
 */
export function parseObject(bytes: Uint8Array): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(utf8.decode(bytes))
    if (isObject(value)) return value
  } catch {} // said below
  throw new TokenError('malformed', 'the token does not hold one JSON object in UTF-8')
}

function trustedHeader(header: Record<string, unknown>): Header {
  const { alg, kid, typ } = header
  if (FORBIDDEN_MEMBERS.some((name) => Object.hasOwn(header, name)))
    throw new TokenError('malformed', 'the header asks for an extension that is not taken')
  if (typeof alg !== 'string') throw new TokenError('algorithm', 'the header names no algorithm')
  if (kid !== undefined && (typeof kid !== 'string' || kid.length > 128))
    throw new TokenError('malformed', 'the key id is not a string of at most 128 characters')
  if (typ !== undefined && typeof typ !== 'string') throw new TokenError('type', 'the type is not a string')
  return { alg, ...(kid !== undefined && { kid }), ...(typ !== undefined && { typ }) }
}
