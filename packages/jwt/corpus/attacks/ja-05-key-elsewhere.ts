import { type Cast, forge } from '../forger.ts'
import { attack, type TokenCase } from '../shape.ts'

const ADDRESSES = [
  'https://evil.example/jwks',
  'http://127.0.0.1:9/jwks',
  'http://169.254.169.254/latest/meta-data/',
  'https://auth.example@evil.example/jwks',
  'https://auth.example.evil.example/jwks',
  'https://auth.example/sso/logout?returnTo=https://evil.example/jwks',
  'file:///etc/passwd',
  'gopher://evil.example:6379/_FLUSHALL',
  'data:application/json,{"keys":[]}',
]

/** The header says where its key is to be had. Nobody may go there, for the request alone does harm. */
export function keyElsewhere({ genuine: { ES256 }, mallory }: Cast): TokenCase[] {
  const { refused, accepted } = attack('JA-5')
  const byMallory = (header: object) => forge('access token', mallory.ES256, { header })
  const kid = ES256.kid
  return [
    ...ADDRESSES.map((jku) => refused('signature', `jku ${jku}`, byMallory({ kid, jku }))),
    ...ADDRESSES.slice(0, 2).map((x5u) => refused('signature', `x5u ${x5u}`, byMallory({ kid, x5u }))),
    ...ADDRESSES.slice(0, 3).map((url) => refused('unknown_key', `kid ${url}`, byMallory({ kid: url }))),
    refused(
      'unknown_key',
      'jku beside a kid of its own',
      byMallory({ kid: mallory.ES256.kid, jku: 'https://evil.example/jwks' }),
    ),
    refused('signature', 'jku in an array', byMallory({ kid, jku: ['https://evil.example/jwks'] })),
    accepted(
      'jku in a token that is genuine',
      forge('access token', ES256, { header: { jku: 'https://evil.example/jwks' } }),
      { either: true, note: 'the address is not looked at' },
    ),
    accepted(
      'x5u in a token that is genuine',
      forge('access token', ES256, { header: { x5u: 'https://evil.example/certificate' } }),
      { either: true, note: 'nor is this one' },
    ),
  ]
}
