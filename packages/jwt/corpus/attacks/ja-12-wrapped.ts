import { segment } from '../../src/issuer.fixture.ts'
import { type Cast, forge, partsOf, seal } from '../forger.ts'
import { claimsOf, RULES } from '../kinds.ts'
import { attack, type TokenCase } from '../shape.ts'

/** A token inside of a token, or an object around one. */
export function wrapped({ genuine: { ES256, RS256 }, mallory }: Cast): TokenCase[] {
  const { refused } = attack('JA-12')
  const inner = forge('access token', ES256)
  const [header, payload, signature] = partsOf(inner)
  const flattened = { protected: header, payload, signature }
  const unsigned = `${segment({ alg: 'none', typ: RULES['access token'].typ })}.${payload}.`
  const nested = (content: string, signer = ES256) =>
    forge('access token', signer, { header: { cty: 'JWT' }, rawPayload: content })
  const { iss: _, ...withoutIssuer } = claimsOf('access token')
  return [
    refused('malformed', 'a genuine token inside of a genuine one', nested(inner)),
    refused('malformed', 'an unsigned token inside of a genuine one', nested(unsigned)),
    refused(
      'malformed',
      'a genuine token as JSON text inside of a genuine one',
      nested(JSON.stringify(inner)),
    ),
    refused('claim', 'a genuine token as a claim', nested(JSON.stringify({ jwt: inner }))),
    refused(
      'claim',
      'a genuine token as a claim beside all claims but iss',
      nested(JSON.stringify({ ...withoutIssuer, jwt: inner })),
    ),
    refused(
      'claim',
      'all claims one level down',
      nested(JSON.stringify({ claims: claimsOf('access token') })),
    ),
    refused('malformed', 'all claims in an array', nested(JSON.stringify([claimsOf('access token')]))),
    refused('unknown_key', 'a genuine token inside of one of a stranger', nested(inner, mallory.ES256)),
    refused('malformed', 'flattened JSON with a genuine signature', JSON.stringify(flattened)),
    refused(
      'malformed',
      'general JSON with a genuine signature',
      JSON.stringify({ payload, signatures: [{ protected: header, signature }] }),
    ),
    refused(
      'malformed',
      'general JSON with a genuine signature and one of a stranger',
      JSON.stringify({
        payload,
        signatures: [
          flattened,
          { ...flattened, signature: segment(mallory.ES256.sign(`${header}.${payload}`)) },
        ],
      }),
    ),
    refused(
      'malformed',
      'JSON whose algorithm is in the header that is not signed',
      JSON.stringify({ payload, header: { alg: 'none' }, signature: '' }),
    ),
    refused('malformed', 'flattened JSON as base64url', segment(flattened)),
    refused('malformed', 'claims as plain JSON', JSON.stringify(claimsOf('access token'))),
    refused('malformed', 'a genuine token in quotes', `"${inner}"`),
    refused('malformed', 'a genuine token in an array', `["${inner}"]`),
    refused('malformed', 'a genuine token in JSON', JSON.stringify({ token: inner })),
    refused('algorithm', 'claims between two empty objects', `${segment('{}')}.${payload}.${segment('{}')}`),
    refused('signature', 'a genuine signature over a payload that holds it', resealed(inner, RS256)),
  ]
}

/** Another payload with the first token in it, under the first token's signature. */
function resealed(inner: string, signer: Parameters<typeof seal>[0]): string {
  const [header, , signature] = partsOf(inner)
  const payload = segment({ ...claimsOf('access token'), sub: 'root', jwt: seal(signer, header, 'e30') })
  return `${header}.${payload}.${signature}`
}
