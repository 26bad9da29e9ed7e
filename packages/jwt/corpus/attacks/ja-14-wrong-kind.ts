import { LOGOUT_EVENT } from '../../src/index.ts'
import { ALDER, ISSUER, NOON_SECONDS } from '../../src/issuer.fixture.ts'
import { type Cast, forge } from '../forger.ts'
import { claimsOf, RULES } from '../kinds.ts'
import { attack, type KindName, say, type TokenCase } from '../shape.ts'

const KINDS = ['access token', 'ID token', 'logout token', 'status list', 'action token'] as const
const TYPS = [
  null,
  '',
  'JWT',
  'at+jwt ',
  'at+jwt\0',
  'at+jwt;charset=utf-8',
  'application/application/at+jwt',
  'logout+jwt',
  'at+jw\u0422',
  ['at+jwt'],
]

/** A genuine token of one kind where another kind is wanted. Only `typ` keeps them apart: the claims fit all. */
export function wrongKind({ genuine: { ES256 }, secret }: Cast): TokenCase[] {
  return [
    ...mixed(ES256, secret),
    ...otherTyps(ES256),
    ...otherAlgorithms(ES256, secret),
    ...otherClaims(ES256),
  ]
}

type Genuine = Cast['genuine']['ES256']

function mixed(key: Genuine, secret: Cast['secret']): TokenCase[] {
  const everything = Object.assign({}, ...KINDS.map(claimsOf))
  const payload = { ...everything, sub: 'alice', aud: ALDER }
  // One text of each kind: whoever remembers it by its text alone takes it for the kind that came first.
  const sent = KINDS.map((kind) => ({
    kind,
    text: forge(kind, kind === 'action token' ? secret : key, { payload }),
  }))
  const hasExpired = { iat: NOON_SECONDS - 3600, exp: NOON_SECONDS - 60 }
  const hint = forge('ID token hint', key, { payload: hasExpired })
  return [
    ...KINDS.flatMap((wanted) =>
      sent.map(({ kind, text }) =>
        kind === wanted
          ? attack('JA-14', wanted).accepted(`the claims of all kinds in a genuine ${wanted}`, text)
          : attack('JA-14', wanted).refused('type', `a genuine ${kind} as ${wanted}`, text),
      ),
    ),
    attack('JA-14', 'ID token hint').accepted('an ID token that has expired, as a hint', hint),
    attack('JA-14', 'ID token').refused('expired', 'the same hint as an ID token', hint),
  ]
}

function otherTyps(key: Genuine): TokenCase[] {
  const id = attack('JA-14', 'ID token')
  const withTyp = (kind: KindName, typ: unknown) => forge(kind, key, { header: { typ } })
  const strict = ['access token', 'logout token', 'status list'] as const
  return [
    ...strict.map((kind) =>
      attack('JA-14', kind).refused('type', `no typ: a ${kind} has one`, withTyp(kind, undefined)),
    ),
    ...TYPS.map((typ) =>
      attack('JA-14').refused('type', `typ ${say(typ)} of an access token`, withTyp('access token', typ)),
    ),
    ...['at+jwt', 'application/AT+JWT', 'logout+jwt', 'secevent+jwt', 'invitation+jwt'].map((typ) =>
      id.refused('type', `typ ${say(typ)} of an ID token`, withTyp('ID token', typ)),
    ),
    id.accepted('typ "JWS" of an ID token', withTyp('ID token', 'JWS'), {
      either: true,
      note: 'OpenID Connect does not say what typ an ID token has',
    }),
  ]
}

function otherAlgorithms(key: Genuine, secret: Cast['secret']): TokenCase[] {
  const symmetric = ['access token', 'ID token', 'logout token', 'status list'] as const
  return [
    ...symmetric.map((kind) =>
      attack('JA-14', kind).refused(
        'algorithm',
        `a ${kind} with HS256 and the genuine secret`,
        forge(kind, secret),
      ),
    ),
    attack('JA-14', 'action token').refused(
      'algorithm',
      'an action token with ES256 and the genuine key',
      forge('action token', key),
    ),
  ]
}

function otherClaims(key: Genuine): TokenCase[] {
  const logout = attack('JA-14', 'logout token')
  const changes = [
    { nonce: 'n' },
    { nonce: null },
    { events: undefined },
    { events: {} },
    { events: { [LOGOUT_EVENT]: true } },
    { sid: undefined },
  ]
  return [
    ...changes.map((payload) =>
      logout.refused(
        'claim',
        `a logout token with ${Object.keys(payload)} ${say(Object.values(payload)[0])}`,
        forge('logout token', key, { payload }),
      ),
    ),
    attack('JA-14').refused(
      'claim',
      'the claims of an ID token under the typ of an access token',
      forge('ID token', key, { header: { typ: RULES['access token'].typ } }),
    ),
    attack('JA-14', 'status list').refused(
      'claim',
      'the claims of an access token under the typ of a status list',
      forge('access token', key, { header: { typ: RULES['status list'].typ } }),
    ),
    attack('JA-14', 'status list').refused(
      'claim',
      'a status list of three bits an entry',
      forge('status list', key, {
        payload: { sub: `${ISSUER}/status/0`, status_list: { bits: 3, lst: 'eJxjAAAAAQAB' } },
      }),
    ),
  ]
}
