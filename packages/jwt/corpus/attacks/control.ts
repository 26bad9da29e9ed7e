import { ALDER, BIRCH, NOON_SECONDS } from '../../src/issuer.fixture.ts'
import { type Cast, forge } from '../forger.ts'
import { attack, say, type TokenCase } from '../shape.ts'

/** Good tokens: of every kind, with every algorithm and every key. */
export function control({ genuine, bare, secret }: Cast): TokenCase[] {
  const access = attack('control')
  const pairs = [...Object.values(genuine), ...Object.values(bare)]
  const byKey = pairs.map((pair) =>
    access.accepted(`an access token signed with ${pair.kid}`, forge('access token', pair)),
  )
  const byOldName = [genuine.Ed25519, bare.Ed25519].map((pair) =>
    access.accepted(
      `alg EdDSA and the key ${pair.kid}`,
      forge('access token', pair, { header: { alg: 'EdDSA' } }),
      { note: 'the older name: with an Ed25519 key it means the same (RFC 9864)' },
    ),
  )
  const withoutKid = Object.values(genuine).map((pair) =>
    access.accepted(
      `no kid, signed with ${pair.kid}`,
      forge('access token', pair, { header: { kid: undefined } }),
      {
        either: true,
      },
    ),
  )
  const typs = ['AT+JWT', 'application/at+jwt', 'Application/At+Jwt'].map((typ) =>
    access.accepted(`typ ${say(typ)}`, forge('access token', genuine.ES256, { header: { typ } })),
  )
  const audiences = [ALDER, [ALDER], [BIRCH, ALDER]].map((aud) =>
    access.accepted(`aud ${say(aud)}`, forge('access token', genuine.ES256, { payload: { aud } })),
  )
  return [
    ...byKey,
    ...byOldName,
    ...withoutKid,
    ...typs,
    ...audiences,
    ...otherKinds({ genuine, secret }),
    access.accepted(
      'exp is a second away',
      forge('access token', genuine.ES256, { payload: { exp: NOON_SECONDS + 1 } }),
    ),
    access.accepted(
      'white space around JSON and between its parts',
      forge('access token', genuine.ES256, {
        rawHeader: ` {\n"alg" : "ES256",\t"kid":"${genuine.ES256.kid}", "typ":"at+jwt" }\r\n`,
      }),
    ),
  ]
}

function otherKinds({ genuine, secret }: Pick<Cast, 'genuine' | 'secret'>): TokenCase[] {
  const signed = ['ID token', 'ID token hint', 'logout token', 'status list', 'client assertion'] as const
  return [
    ...signed.map((kind) => attack('control', kind).accepted(`a good ${kind}`, forge(kind, genuine.ES256))),
    attack('control', 'action token').accepted('a good action token', forge('action token', secret)),
    attack('control', 'ID token').accepted(
      'an ID token without typ',
      forge('ID token', genuine.RS256, { header: { typ: undefined } }),
    ),
    attack('control', 'ID token hint').accepted(
      'a hint that has expired',
      forge('ID token hint', genuine.ES256, {
        payload: { iat: NOON_SECONDS - 90_000, exp: NOON_SECONDS - 86_400 },
      }),
    ),
    attack('control', 'logout token').accepted(
      'a logout token about a sub',
      forge('logout token', genuine.ES256, { payload: { sid: undefined, sub: 'alice' } }),
    ),
  ]
}
