import { segment } from '../../src/issuer.fixture.ts'
import { type Cast, forge, partsOf, seal } from '../forger.ts'
import { claimsOf } from '../kinds.ts'
import { attack, say, type TokenCase } from '../shape.ts'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const SPACES = [' ', '\n', '\0', '\r\n', '\t', '\u00a0', '\ufeff']

/** Other spellings of one token: whoever takes two has lost whatever looks at the text. */
export function base64(cast: Cast): TokenCase[] {
  return [...whiteSpace(cast), ...otherAlphabets(cast), ...unusedBits(cast), ...otherParts(cast)]
}

function whiteSpace({ genuine: { ES256 } }: Cast): TokenCase[] {
  const { refused } = attack('JA-17')
  const text = forge('access token', ES256)
  const [header, payload, signature] = partsOf(text)
  const inside = (part: string, space: string) => part.slice(0, 8) + space + part.slice(8)
  return [
    ...SPACES.map((space) => refused('malformed', `${say(space)} behind the token`, text + space)),
    ...SPACES.slice(0, 2).map((space) =>
      refused('malformed', `${say(space)} before the token`, space + text),
    ),
    ...SPACES.slice(0, 3).map((space) =>
      refused(
        'malformed',
        `${say(space)} in the signature`,
        `${header}.${payload}.${inside(signature, space)}`,
      ),
    ),
    refused('malformed', 'a line break in the payload', `${header}.${inside(payload, '\n')}.${signature}`),
    refused(
      'malformed',
      'a line break in the payload, signed with it',
      seal(ES256, header, inside(payload, '\n')),
    ),
    refused('malformed', 'a space in the header, signed with it', seal(ES256, inside(header, ' '), payload)),
    refused('malformed', 'a space behind a dot', `${header}. ${payload}.${signature}`),
  ]
}

function otherAlphabets({ genuine: { ES256, RS256 } }: Cast): TokenCase[] {
  const { refused } = attack('JA-17')
  const text = forge('access token', ES256)
  const [header, payload, signature] = partsOf(text)
  // Characters whose bytes give "-" and "_".
  const dashed = segment(
    `${JSON.stringify(claimsOf('access token')).slice(0, -1)},"x":"\u00fb\u00ff\u00fe>>>???~~~"}`,
  )
  const plain = (part: string) => part.replaceAll('-', '+').replaceAll('_', '/')
  const long = partsOf(forge('access token', RS256))
  return [
    refused('malformed', 'one "=" behind the signature', `${text}=`),
    refused('malformed', 'two "=" behind the signature', `${text}==`),
    refused('malformed', 'padding behind the header', `${header}=.${payload}.${signature}`),
    refused(
      'malformed',
      'padding behind the payload, signed with it',
      seal(ES256, header, `${unaligned(ES256.kid).payload}==`),
    ),
    refused(
      'malformed',
      'padding in the middle of the signature',
      `${header}.${payload}.${signature.slice(0, 4)}=${signature.slice(4)}`,
    ),
    refused('malformed', '+ and / in the payload, signed with them', seal(ES256, header, plain(dashed))),
    refused('malformed', '+ and / in the signature', `${long[0]}.${long[1]}.${plain(long[2])}`),
    ...['!', '\u00e4', '\uff21', '\u212a'].map((character) =>
      refused(
        'malformed',
        `${say(character)} in the signature`,
        `${header}.${payload}.${signature.slice(0, 9)}${character}${signature.slice(10)}`,
      ),
    ),
    refused('malformed', 'the dots as %2E', text.replaceAll('.', '%2E')),
    refused('malformed', 'the dots as full-width dots', text.replaceAll('.', '\uff0e')),
    refused('malformed', 'the whole token in base64url', segment(text)),
    refused('malformed', 'the whole token in hexadecimal', Buffer.from(text).toString('hex')),
    refused('malformed', 'a signature of one character too few', text.slice(0, -1)),
  ]
}

function unusedBits({ genuine: { ES256, Ed25519, RS256 }, secret }: Cast): TokenCase[] {
  const { refused } = attack('JA-17')
  const text = forge('access token', ES256)
  const places = [1, 2, 4, 8].map((bits) =>
    refused(
      'malformed',
      `ES256: the last character of the signature with unused bits ${bits}`,
      withBits(text, bits),
    ),
  )
  const { header, payload } = unaligned(ES256.kid)
  return [
    ...places,
    refused(
      'malformed',
      'Ed25519: unused bits in the signature',
      withBits(forge('access token', Ed25519), 1),
    ),
    refused('malformed', 'RS256: unused bits in the signature', withBits(forge('access token', RS256), 1)),
    attack('JA-17', 'action token').refused(
      'malformed',
      'HS256: unused bits in the signature',
      withBits(forge('action token', secret), 1),
    ),
    refused(
      'malformed',
      'unused bits in the header, signed with them',
      seal(ES256, withBits(header, 1), payload),
    ),
    refused(
      'malformed',
      'unused bits in the payload, signed with them',
      seal(ES256, header, withBits(payload, 8)),
    ),
    attack('JA-17').accepted('the same header and payload without them', seal(ES256, header, payload)),
  ]
}

/** Sets bits of the last character that decode to nothing. */
function withBits(text: string, bits: number): string {
  return text.slice(0, -1) + ALPHABET[ALPHABET.indexOf(text.at(-1) ?? '') + bits]
}

/** A header and a payload whose last characters each have four unused bits. */
function unaligned(kid: string): { header: string; payload: string } {
  const fitted = (value: object) => {
    const json = JSON.stringify(value)
    return segment(json + ' '.repeat((4 - (json.length % 3)) % 3))
  }
  return { header: fitted({ alg: 'ES256', kid, typ: 'at+jwt' }), payload: fitted(claimsOf('access token')) }
}

function otherParts({ genuine: { ES256 } }: Cast): TokenCase[] {
  const { refused } = attack('JA-17')
  const text = forge('access token', ES256)
  const [header, payload, signature] = partsOf(text)
  const texts: [string, string][] = [
    ['nothing', ''],
    ['two dots', '..'],
    ['two parts', `${header}.${payload}`],
    ['a dot behind it', `${text}.`],
    ['a dot before it', `.${text}`],
    ['a fourth part', `${text}.${signature}`],
    ['an empty header', `.${payload}.${signature}`],
    ['an empty payload, signed with it', seal(ES256, header, '')],
    ['an empty part in the middle', `${header}..${payload}.${signature}`],
    ['itself once more, after a comma', `${text},${text}`],
    ['itself once more, after a line break', `${text}\n${text}`],
    ['another scheme before it', `Bearer ${text}`],
    ['parameters behind it', `${text};a=b`],
  ]
  return texts.map(([name, token]) => refused('malformed', `the token has ${name}`, token))
}
