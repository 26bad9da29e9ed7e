import { createHash } from 'node:crypto'
import { type Cast, forge, hmacSigner } from '../forger.ts'
import { attack, type TokenCase } from '../shape.ts'
import { selfSignedCertificate } from './certificate.ts'

/** The header brings the key that it wants to be verified with. */
export function embeddedKey({ genuine, mallory }: Cast): TokenCase[] {
  const { refused, accepted } = attack('JA-4')
  const certificate = selfSignedCertificate(mallory.ES256, 'auth.example')
  const x5c = [certificate.toString('base64')]
  const thumbprint = (hash: string) => createHash(hash).update(certificate).digest('base64url')
  const renamed = { ...mallory.ES256.publicJwk, kid: genuine.ES256.kid }
  const oct = { kty: 'oct', k: Buffer.from('mallory').toString('base64url') }

  const byMallory = (header: object) => forge('access token', mallory.ES256, { header })
  const named = { kid: genuine.ES256.kid }
  return [
    refused('signature', 'jwk beside a genuine kid', byMallory({ ...named, jwk: mallory.ES256.publicJwk })),
    refused('signature', 'jwk under a genuine kid', byMallory({ ...named, jwk: renamed })),
    refused('unknown_key', 'jwk beside its own kid', byMallory({ jwk: mallory.ES256.publicJwk })),
    refused('signature', 'jwk without kid', byMallory({ kid: undefined, jwk: mallory.ES256.publicJwk })),
    refused(
      'signature',
      'a private jwk',
      byMallory({ ...named, jwk: mallory.ES256.privateKey.export({ format: 'jwk' }) }),
    ),
    refused('signature', 'a whole key set', byMallory({ ...named, jwks: { keys: [renamed] } })),
    ...[mallory.RS256, mallory.Ed25519].map((pair) =>
      refused(
        'signature',
        `jwk of an ${pair.alg} key`,
        forge('access token', pair, { header: { kid: genuine[pair.alg].kid, jwk: pair.publicJwk } }),
      ),
    ),
    refused(
      'algorithm',
      'a symmetric jwk',
      forge('access token', { ...hmacSigner('mallory'), kid: genuine.ES256.kid }, { header: { jwk: oct } }),
    ),
    attack('JA-4', 'action token').refused(
      'signature',
      'a symmetric jwk, for a kind that takes HS256',
      forge('action token', hmacSigner('mallory'), { header: { jwk: oct } }),
    ),
    refused('signature', 'x5c beside a genuine kid', byMallory({ ...named, x5c })),
    refused('signature', 'x5c without kid', byMallory({ kid: undefined, x5c })),
    refused(
      'signature',
      'x5c with its thumbprints',
      byMallory({ ...named, x5c, x5t: thumbprint('sha1'), 'x5t#S256': thumbprint('sha256') }),
    ),
    accepted(
      'jwk of a stranger in a token that is genuine',
      forge('access token', genuine.ES256, { header: { jwk: mallory.ES256.publicJwk } }),
      { either: true, note: 'the key in the header is not looked at' },
    ),
    accepted(
      'x5c of a stranger in a token that is genuine',
      forge('access token', genuine.ES256, { header: { x5c } }),
      { either: true, note: 'nor is the certificate' },
    ),
  ]
}
