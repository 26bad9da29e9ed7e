import { type Cast, forge, partsOf, resigned } from '../forger.ts'
import { claimsOf } from '../kinds.ts'
import { attack, say, type TokenCase } from '../shape.ts'

const HEADERS = [
  { crit: ['exp'] },
  { crit: ['exp'], exp: 1 },
  { crit: [] },
  { crit: null },
  { crit: 'exp' },
  { crit: ['alg'] },
  { crit: ['crit'] },
  { crit: ['__proto__'] },
  { crit: ['https://evil.example/x'], 'https://evil.example/x': true },
  { crit: ['b64'], b64: true },
  { crit: ['b64'] },
  { b64: true },
  { b64: 'false' },
]

/** Extensions that change how the rest is read: none is taken (RFC 7515 §4.1.11, RFC 7797). */
export function criticalExtension({ genuine: { ES256 } }: Cast): TokenCase[] {
  const { refused, accepted } = attack('JA-10')
  const unencoded = { crit: ['b64'], b64: false }
  return [
    ...HEADERS.map((header) =>
      refused('malformed', `the header has ${say(header)}`, forge('access token', ES256, { header })),
    ),
    ...[unencoded, { b64: false }].flatMap((header) => {
      const encoded = forge('access token', ES256, { header })
      const json = JSON.stringify({ ...claimsOf('access token'), iss: 'auth', aud: 'alder' }) // no dot in it
      const [first] = partsOf(encoded)
      const signature = partsOf(resigned(`${first}.${json}`, ES256.sign(`${first}.${json}`)))[2]
      return [
        refused('malformed', `${say(header)}, the payload encoded all the same`, encoded),
        refused('malformed', `${say(header)}, the payload as it is`, `${first}.${json}.${signature}`),
        refused('malformed', `${say(header)}, the payload left out`, `${first}..${signature}`),
      ]
    }),
    accepted(
      'crit among the claims',
      forge('access token', ES256, { payload: { crit: ['b64'], b64: false } }),
      { note: 'a claim of this name is no member of the header' },
    ),
  ]
}
