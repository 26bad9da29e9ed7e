import { ISSUER, NOON_SECONDS } from '../../src/issuer.fixture.ts'
import { type Cast, forge } from '../forger.ts'
import { claimsOf } from '../kinds.ts'
import { attack, say, type TokenCase } from '../shape.ts'

const LATER = NOON_SECONDS + 300
const NO_TIMES = [
  `"${LATER}"`,
  '""',
  'true',
  'null',
  `[${LATER}]`,
  '-1',
  '1e999',
  '-1e999',
  '1e300',
  `${LATER}000`,
]
const NO_NUMBERS = ['NaN', 'Infinity', `+${LATER}`, `0${LATER}`, '0x6b000000', '1_795_435_500', `${LATER}n`]

/** Times and places that are no numbers, or none that make sense. */
export function numbers({ genuine: { ES256 } }: Cast): TokenCase[] {
  const { refused, accepted } = attack('JA-18')
  const good = claimsOf('access token')
  /** The claim as it is written, which JSON.stringify would not write. */
  const written = (name: string, raw: string) => {
    const json = JSON.stringify({ ...good, [name]: '<raw>' }).replace('"<raw>"', raw)
    return forge('access token', ES256, { rawPayload: json })
  }
  const uri = `${ISSUER}/status/0`
  const placed = (status_list: object) =>
    forge('access token', ES256, { payload: { status: { status_list } } })
  return [
    ...NO_TIMES.map((raw) => refused('claim', `exp is ${raw}`, written('exp', raw))),
    ...['iat', 'nbf', 'auth_time'].flatMap((name) =>
      [`"${NOON_SECONDS}"`, '-1', '1e999', `${NOON_SECONDS}000`, 'null'].map((raw) =>
        refused('claim', `${name} is ${raw}`, written(name, raw)),
      ),
    ),
    ...NO_NUMBERS.map((raw) => refused('malformed', `exp is ${raw}`, written('exp', raw))),
    ...['exp', 'iat'].map((name) =>
      refused('claim', `${name} is absent`, forge('access token', ES256, { payload: { [name]: undefined } })),
    ),
    refused('expired', 'exp is 0', written('exp', '0')),
    refused('expired', 'exp is -0', written('exp', '-0')),
    refused('expired', 'exp is 1e-999', written('exp', '1e-999')),
    refused('expired', 'exp was a minute ago', written('exp', `${NOON_SECONDS - 60}`)),
    refused('expired', 'exp has a fraction and was a minute ago', written('exp', `${NOON_SECONDS - 60}.999`)),
    refused('claim', 'exp is twenty years away', written('exp', `${NOON_SECONDS + 20 * 31_536_000}`)),
    refused('claim', 'exp is 2^32 seconds later', written('exp', `${LATER + 2 ** 32}`)),
    refused('claim', 'exp is 2^64 seconds later', written('exp', '18446744075505136416')),
    refused('claim', 'iat is 0', written('iat', '0')),
    refused('too_old', 'iat was an hour ago', written('iat', `${NOON_SECONDS - 3600}`)),
    refused(
      'not_yet_valid',
      'iat is an hour away',
      forge('access token', ES256, { payload: { iat: NOON_SECONDS + 3600, exp: NOON_SECONDS + 3900 } }),
    ),
    refused('not_yet_valid', 'nbf is an hour away', written('nbf', `${NOON_SECONDS + 3600}`)),
    ...[-1, 0.5, '0', null, 2 ** 53, undefined].map((idx) =>
      refused('claim', `the place in the status list is ${say(idx)}`, placed({ idx, uri })),
    ),
    ...[7, '', undefined].map((address) =>
      refused('claim', `the address of the status list is ${say(address)}`, placed({ idx: 0, uri: address })),
    ),
    attack('JA-18', 'ID token').refused(
      'claim',
      'the place in the status list is a text, in a kind that needs none',
      forge('ID token', ES256, { payload: { status: { status_list: { idx: '0', uri } } } }),
    ),
    attack('JA-18', 'ID token').refused(
      'claim',
      'nbf is a text, in a kind that needs none',
      forge('ID token', ES256, { payload: { nbf: `${NOON_SECONDS}` } }),
    ),
    accepted('the place in the status list is 0', placed({ idx: 0, uri })),
    accepted('exp has a fraction', written('exp', `${LATER}.5`), { note: 'RFC 7519 §2 allows it' }),
    accepted('exp has an exponent', written('exp', '1.7954355e9')),
    accepted('exp has digits beyond all precision', written('exp', `${LATER}.${'0'.repeat(40)}1`)),
  ]
}
