import { createDpopKey } from '@grove/jwt/testing'
import type { AskOptions } from './keyed-client.ts'
import { ISSUER } from './provider.ts'

const now = Math.floor(Date.now() / 1000)

/** What is wrong with a proof, wherever it is sent. */
export const BAD_PROOFS: [string, NonNullable<AskOptions['proof']>][] = [
  ...['typ', 'alg', 'jwk'].map((name): [string, object] => [
    `DP-2 without ${name}`,
    { header: { [name]: undefined } },
  ]),
  ...['jti', 'htm', 'htu', 'iat'].map((name): [string, object] => [
    `DP-2 without ${name}`,
    { claims: { [name]: undefined } },
  ]),
  ['DP-3 of another typ', { header: { typ: 'JWT' } }],
  ['DP-3 with alg none', { header: { alg: 'none' } }],
  ['DP-3 with alg RS256', { header: { alg: 'RS256' } }],
  ['DP-3 with alg HS256', { header: { alg: 'HS256' } }],
  ['DP-4 of another key than it names', { header: { jwk: (await createDpopKey()).publicJwk } }],
  [
    'DP-4 that gives the private key away',
    { header: { jwk: { ...(await createDpopKey()).publicJwk, d: 'AA' } } },
  ],
  ['DP-5 for another method', { claims: { htm: 'PUT' } }],
  ['DP-5 for another path', { claims: { htu: `${ISSUER}/jwks` } }],
  ['DP-5 for another host', { claims: { htu: 'http://other.localhost:4000/token' } }],
  ['DP-7 of an hour ago', { claims: { iat: now - 3_600 } }],
  ['DP-7 of an hour to come', { claims: { iat: now + 3_600 } }],
]
