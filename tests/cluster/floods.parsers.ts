import { ISSUER } from '@grove/auth/testing'
import type { Cluster } from './cluster.ts'
import type { Tally } from './fault.ts'
import { millisecondsOf, percentile } from './measured.ts'

const SIZE = 50_000
// An address may be so long, but no header line, and no form.
const LINE = 14_000
const REPEATED = [
  'a',
  '.',
  '/',
  '..%2f',
  '%25',
  '%',
  '\\',
  '@',
  ':',
  '[',
  'a.',
  'a-',
  '?a=',
  '//',
  '\u0130',
  '%F0%9F%98%80',
  '\t',
]

const base64url = (text: string) => Buffer.from(text).toString('base64url')
const filled = (piece: string, size: number) => piece.repeat(Math.ceil(size / piece.length)).slice(0, size)

/** Addresses that a careless pattern takes for ever to refuse. */
const addresses = (size: number): string[] =>
  REPEATED.flatMap((piece) => [
    filled(piece, size),
    `http://site-a.localhost:4001/${filled(piece, size)}`,
    `http://${filled(piece, size)}@site-a.localhost:4001/sso/callback`,
  ])

/** Tokens whose parts are deep, long, many, or not what they say. */
function tokens(size: number): string[] {
  const deep = (size * 3) / 8
  const header = base64url('{"alg":"ES256","typ":"JWT","kid":"x"}')
  return [
    filled('.', size),
    filled('a.', size),
    filled('=', size),
    `${header}.${filled('A', size)}.x`,
    `${header}.${base64url('['.repeat(deep) + ']'.repeat(deep))}.x`,
    `${header}.${base64url('{"a":'.repeat(deep / 4))}.x`,
    `${base64url(`{"alg":"ES256","crit":[${filled('"x",', size / 2)}"x"]}`)}.e30.x`,
    `${base64url(`{"alg":"${filled('a', size / 2)}"}`)}.e30.x`,
    `${header}.${base64url(`{"exp":${filled('9', size / 2)}}`)}.x`,
  ]
}

/** F-67: what is long and nested is refused as fast as what is short. */
export async function parsers(cluster: Cluster, rounds: number, tally: Tally): Promise<void> {
  const auth = cluster.at(0)
  const at = (path: string, fields: Record<string, string>, init?: RequestInit) => () =>
    auth.fetch(`${ISSUER}${path}?${new URLSearchParams(fields)}`, init)
  const inForm = (path: string, fields: Record<string, string>) => () =>
    auth.fetch(ISSUER + path, { method: 'POST', body: new URLSearchParams(fields) })
  const asked: Record<string, (() => Promise<Response>)[]> = {
    'nothing special': Array.from({ length: 20 }, () => at('/authorize', { client_id: 'alder' })),
    // Escaped in an address each byte may become three.
    'redirect_uri that fills an address': addresses(SIZE / 3).map((redirect_uri) =>
      at('/authorize', { client_id: 'alder', redirect_uri }),
    ),
    'id_token_hint of 50 KB': tokens(SIZE).map((hint) => at('/logout', { id_token_hint: hint })),
    'access tokens of 14 KB': tokens(LINE).map((token) =>
      at('/userinfo', {}, { headers: { authorization: `Bearer ${token}` } }),
    ),
    'proofs of 14 KB': tokens(LINE).map((dpop) =>
      at('/userinfo', {}, { headers: { authorization: 'DPoP x', dpop } }),
    ),
    'assertions of 14 KB': tokens(LINE).map((assertion) =>
      inForm('/token', { client_id: 'alder', client_assertion: assertion, grant_type: 'authorization_code' }),
    ),
    'refresh tokens of 14 KB': tokens(LINE).map((refresh_token) =>
      inForm('/token', { client_id: 'elm', grant_type: 'refresh_token', refresh_token }),
    ),
  }
  for (const [name, all] of Object.entries(asked)) {
    const times: number[] = []
    for (let round = 0; round < rounds; round++)
      for (const ask of all) {
        const ms = await millisecondsOf(async () => {
          const { status } = await ask()
          tally.expect(status >= 400 && status < 500, `${name}: ${status}`)
        })
        times.push(ms)
      }
    tally.count(`${name} refused`, times.length)
    tally.measure(name, `p50 ${percentile(times, 0.5)}, p99 ${percentile(times, 0.99)}`)
    tally.expect(Math.max(...times) < 2_000, `${name}: ${Math.max(...times)} ms`)
  }
}
