import { constants, sign } from 'node:crypto'
import { type Cast, forge, hmacSigner, type KeyPair, type Signer } from '../forger.ts'
import { attack, type TokenCase } from '../shape.ts'

/** The key says nothing of its algorithm, so a careless verifier takes that of the token's header. */
export function algorithmOfTheToken({ bare }: Cast): TokenCase[] {
  const { refused, accepted } = attack('JA-3')
  const { ES256, RS256, Ed25519 } = bare
  const as = (signer: Signer, alg: string) => forge('access token', signer, { header: { alg } })
  const hashed = (pair: KeyPair, hash: string, more: object = {}): Signer => ({
    ...pair,
    sign: (input) =>
      sign(hash, Buffer.from(input), { key: pair.privateKey, dsaEncoding: 'ieee-p1363', ...more }),
  })
  const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }
  const asSecret = (pair: KeyPair) => ({
    ...hmacSigner(pair.publicKey.export({ type: 'spki', format: 'pem' }).toString()),
    kid: pair.kid,
  })
  return [
    ...[ES256, RS256, Ed25519].flatMap((pair) => [
      accepted(`${pair.kid} with its own algorithm`, forge('access token', pair)),
      refused('algorithm', `${pair.kid} as the secret of HS256`, forge('access token', asSecret(pair))),
      attack('JA-3', 'action token').refused(
        'unknown_key',
        `${pair.kid} as the secret of HS256, for a kind that takes HS256`,
        forge('action token', asSecret(pair)),
      ),
    ]),
    refused(
      'algorithm',
      'an RSA key with PS256, with a genuine signature',
      as(hashed(RS256, 'sha256', pss), 'PS256'),
    ),
    refused(
      'algorithm',
      'an RSA key with RS384, with a genuine signature',
      as(hashed(RS256, 'sha384'), 'RS384'),
    ),
    refused(
      'algorithm',
      'an RSA key with RS512, with a genuine signature',
      as(hashed(RS256, 'sha512'), 'RS512'),
    ),
    refused('algorithm', 'an RSA key with RS1, with a genuine signature', as(hashed(RS256, 'sha1'), 'RS1')),
    refused('algorithm', 'an RSA key with RSA1_5', as(RS256, 'RSA1_5')),
    refused('unknown_key', 'an RSA key with ES256', as(RS256, 'ES256')),
    refused('unknown_key', 'an RSA key with Ed25519', as(RS256, 'Ed25519')),
    refused('algorithm', 'a P-256 key with ES384', as(hashed(ES256, 'sha384'), 'ES384')),
    refused('algorithm', 'a P-256 key with ES256K', as(ES256, 'ES256K')),
    refused('unknown_key', 'a P-256 key with RS256', as(ES256, 'RS256')),
    refused('unknown_key', 'a P-256 key with EdDSA', as(ES256, 'EdDSA')),
    refused('unknown_key', 'an Ed25519 key with ES256', as(Ed25519, 'ES256')),
    refused('algorithm', 'an Ed25519 key with Ed448', as(Ed25519, 'Ed448')),
  ]
}
