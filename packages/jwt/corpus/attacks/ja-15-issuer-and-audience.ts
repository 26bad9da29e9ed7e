import { ALDER, BIRCH, ISSUER } from '../../src/issuer.fixture.ts'
import { type Cast, forge } from '../forger.ts'
import { attack, say, type TokenCase } from '../shape.ts'

const OTHER_ISSUERS = [
  `${ISSUER}/`,
  `${ISSUER}.evil.example`,
  `${ISSUER}@evil.example`,
  `${ISSUER} `,
  ISSUER.slice(0, -1),
  ISSUER.slice(1),
  'https://AUTH.example',
  'http://auth.example',
  'https://\u0430uth.example',
  '.*',
  ALDER,
]
const NO_ISSUERS = [
  undefined,
  null,
  '',
  7,
  `${ISSUER}\0`,
  [ISSUER],
  ['https://evil.example', ISSUER],
  { [ISSUER]: 1 },
]
const OTHER_AUDIENCES = [
  BIRCH,
  ISSUER,
  `${ALDER}/`,
  `${ALDER}.evil.example`,
  ALDER.slice(0, -1),
  'https://ALDER.example',
  `${BIRCH} ${ALDER}`,
  `${BIRCH},${ALDER}`,
  JSON.stringify([ALDER]),
  [`${ALDER} `, BIRCH],
  '*',
]
const NO_AUDIENCES = [
  undefined,
  null,
  '',
  [],
  [''],
  7,
  { [ALDER]: true },
  [[ALDER]],
  [ALDER, 7],
  Array.from({ length: 17 }, () => ALDER),
]

/** Tokens of the right key, but of somebody else or for somebody else. */
export function issuerAndAudience({ genuine: { ES256 } }: Cast): TokenCase[] {
  const { refused } = attack('JA-15')
  const withClaims = (payload: object) => forge('access token', ES256, { payload })
  return [
    ...OTHER_ISSUERS.map((iss) => refused('issuer', `iss ${say(iss)}`, withClaims({ iss }))),
    ...NO_ISSUERS.map((iss) => refused('claim', `iss ${say(iss)}`, withClaims({ iss }))),
    ...OTHER_AUDIENCES.map((aud) => refused('audience', `aud ${say(aud)}`, withClaims({ aud }))),
    ...NO_AUDIENCES.map((aud) =>
      refused(
        'claim',
        `aud ${Array.isArray(aud) && aud.length > 16 ? 'is a list of 17' : say(aud)}`,
        withClaims({ aud }),
      ),
    ),
    refused('audience', 'client_id is ours, aud is not', withClaims({ aud: BIRCH, client_id: ALDER })),
    refused('audience', 'resource is ours, aud is not', withClaims({ aud: BIRCH, resource: ALDER })),
    ...authorizedParties(ES256),
  ]
}

function authorizedParties(key: Cast['genuine']['ES256']): TokenCase[] {
  const { refused, accepted } = attack('JA-15', 'ID token')
  const withClaims = (payload: object) => forge('ID token', key, { payload })
  return [
    refused('audience', 'azp is ours, aud is not', withClaims({ aud: BIRCH, azp: ALDER })),
    refused('audience', 'azp is ours, aud is a list without us', withClaims({ aud: [BIRCH], azp: ALDER })),
    refused('claim', 'azp is ours, aud is absent', withClaims({ aud: undefined, azp: ALDER })),
    refused('claim', 'azp is an array', withClaims({ azp: [ALDER] })),
    refused('claim', 'azp is null', withClaims({ azp: null })),
    accepted('aud is a list with us, azp is ours', withClaims({ aud: [BIRCH, ALDER], azp: ALDER })),
    refused(
      'audience',
      'aud is a list with us, azp is another',
      withClaims({ aud: [ALDER, BIRCH], azp: BIRCH }),
    ),
    refused('audience', 'aud is us, azp is another', withClaims({ aud: ALDER, azp: BIRCH })),
    refused('audience', 'aud is a list with us, azp is absent', withClaims({ aud: [ALDER, BIRCH] })),
  ]
}
