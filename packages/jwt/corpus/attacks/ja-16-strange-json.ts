import { ALDER, ISSUER, NOON_SECONDS } from '../../src/issuer.fixture.ts'
import { type Cast, forge } from '../forger.ts'
import { claimsOf } from '../kinds.ts'
import { attack, type TokenCase } from '../shape.ts'

type Raw = string | Buffer
type Row = [name: string, raw: Raw]

/** JSON that is none, that parsers read differently, or that does something to whoever reads it. */
export function strangeJson({ genuine: { ES256 } }: Cast): TokenCase[] {
  const { refused, accepted } = attack('JA-16')
  const withHeader = (rawHeader: Raw) => forge('access token', ES256, { rawHeader })
  const withPayload = (rawPayload: Raw) => forge('access token', ES256, { rawPayload })
  const header = JSON.stringify({ alg: 'ES256', kid: ES256.kid, typ: 'at+jwt' })
  const payload = JSON.stringify(claimsOf('access token'))
  return [
    ...noJson(payload).map(([name, raw]) => refused('malformed', `the payload is ${name}`, withPayload(raw))),
    ...noJson(header)
      .filter((_, place) => place % 2 === 0)
      .map(([name, raw]) => refused('malformed', `the header is ${name}`, withHeader(raw))),
    ...strange(payload).map(([name, raw]) =>
      accepted(`the payload has ${name}`, withPayload(raw), { either: true }),
    ),
    ...twice(payload).map(([refusal, name, raw]) => refused(refusal, name, withPayload(raw))),
    accepted(
      'iss twice, ours is the last',
      withPayload(payload.replace('"iss"', '"iss":"https://evil.example","iss"')),
      { either: true, note: 'the last counts everywhere, or both are refused; never the first' },
    ),
    refused(
      'algorithm',
      'alg twice, none is the last',
      withHeader(header.replace('"alg"', '"alg":"ES256","alg"').replace('"ES256","kid"', '"none","kid"')),
    ),
    accepted('alg twice, ES256 is the last', withHeader(header.replace('"alg"', '"alg":"none","alg"')), {
      either: true,
    }),
    refused(
      'type',
      'typ twice, JWT is the last',
      withHeader(header.replace('"at+jwt"', '"at+jwt","typ":"JWT"')),
    ),
    refused(
      'unknown_key',
      'kid twice, a stranger is the last',
      withHeader(header.replace('"typ"', '"kid":"x","typ"')),
    ),
    refused(
      'malformed',
      'crit twice, null is the last',
      withHeader(header.replace('"typ"', '"crit":["x"],"crit":null,"typ"')),
    ),
    refused('algorithm', 'alg by way of __proto__', withHeader(`{"__proto__":${header}}`)),
    refused(
      'type',
      'typ by way of __proto__',
      withHeader(`{"__proto__":{"typ":"at+jwt"},"alg":"ES256","kid":"${ES256.kid}"}`),
    ),
    refused('claim', 'the claims by way of __proto__', withPayload(`{"__proto__":${payload}}`)),
    refused(
      'claim',
      'the claims by way of constructor',
      withPayload(`{"constructor":{"prototype":${payload}}}`),
    ),
    refused(
      'claim',
      'the names of claims in capitals',
      withPayload(payload.replace(/"(iss|aud|sub)"/g, (name) => name.toUpperCase())),
    ),
    refused('algorithm', 'the names of the header in capitals', withHeader(header.replace('"alg"', '"ALG"'))),
    refused('claim', 'an empty object', withPayload('{}')),
    ...['\\u0000', '\\u000a', '\\u007f', '\\udfff'].map((character) =>
      refused('claim', `${character} in sub`, withPayload(payload.replace('alice', `alice${character}`))),
    ),
  ]
}

const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`

/** Of good JSON: what is no JSON object in UTF-8. */
function noJson(good: string): Row[] {
  const broken = (bytes: string) =>
    Buffer.concat([Buffer.from(`${good.slice(0, -1)},"x":"`), Buffer.from(bytes, 'hex'), Buffer.from('"}')])
  return [
    ['after a byte order mark', `\ufeff${good}`],
    ['in UTF-16', Buffer.from(good, 'utf16le')],
    ['of a byte that is not UTF-8', broken('ff')],
    ['of an overlong NUL', broken('c080')],
    ['of a surrogate in UTF-8', broken('eda080')],
    ['of half a character', broken('e282')],
    ['with a NUL in a text', broken('00')],
    ['with a line break in a text', broken('0a')],
    ['with rubbish behind it', `${good}x`],
    ['twice', `${good}${good}`],
    ['cut off', good.slice(0, -1)],
    ['with a comma too many', `${good.slice(0, -1)},}`],
    ['with a comment', `/**/${good}`],
    ['in single quotes', good.replaceAll('"', "'")],
    ['a list', `[${good}]`],
    ['a text', JSON.stringify(good)],
    ['null', 'null'],
    ['white space', ' '],
    ['2500 lists in one another', nested(2500)],
    ['2500 lists that do not end', '['.repeat(2500)],
  ]
}

/** JSON that is odd, and still JSON. */
function strange(good: string): Row[] {
  const more = (json: string) => `${good.slice(0, -1)},${json}}`
  return [
    ['2500 lists in one another', more(`"x":${nested(2500)}`)],
    ['an escaped NUL', more('"x":"\\u0000"')],
    ['a lone surrogate', more('"x":"\\ud800"')],
    ['numbers beyond all bounds', more('"x":1e999999,"y":-1e999999,"z":1e-999999')],
    [
      'names that every object has',
      more('"toString":1,"hasOwnProperty":2,"then":3,"valueOf":null,"":4,"\\u0000":5'),
    ],
    ['__proto__ beside its claims', more(`"__proto__":{"sub":"root","aud":"${ALDER}","x":1}`)],
    ['an escaped name', good.replace('"iss"', '"\\u0069\\u0073\\u0073"')],
  ]
}

/** Two members of one name: what counts is the last, and it is bad. */
function twice(good: string): ['issuer' | 'audience' | 'expired' | 'claim', string, string][] {
  const last = (json: string) => `${good.slice(0, -1)},${json}}`
  return [
    ['issuer', 'iss twice, a stranger is the last', last('"iss":"https://evil.example"')],
    ['issuer', 'iss twice, a stranger is the last and escaped', last('"\\u0069ss":"https://evil.example"')],
    [
      'issuer',
      'iss of a stranger, and ours in capitals',
      last(`"iss":"https://evil.example","ISS":"${ISSUER}"`),
    ],
    ['audience', 'aud twice, a stranger is the last', last('"aud":"https://evil.example"')],
    ['expired', 'exp twice, the past is the last', last(`"exp":${NOON_SECONDS - 60}`)],
    ['claim', 'sub twice, null is the last', last('"sub":null')],
  ]
}
