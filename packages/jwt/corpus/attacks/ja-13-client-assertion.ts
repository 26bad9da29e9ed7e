import { constants, sign } from 'node:crypto'
import { type Cast, forge, hmacSigner, type Signer } from '../forger.ts'
import { attack, type TokenCase } from '../shape.ts'

/** The client is registered with ES256, and its key set has other keys too: only ES256 authenticates it. */
export function clientAssertion({ genuine, bare, mallory, secret }: Cast): TokenCase[] {
  const { refused, accepted } = attack('JA-13', 'client assertion')
  const by = (signer: Signer, header: object = {}) => forge('client assertion', signer, { header })
  const pss = {
    ...genuine.RS256,
    sign: (input: string | Buffer) =>
      sign('sha256', Buffer.from(input), {
        key: genuine.RS256.privateKey,
        padding: constants.RSA_PKCS1_PSS_PADDING,
      }),
  }
  const pem = hmacSigner(genuine.ES256.publicKey.export({ type: 'spki', format: 'pem' }).toString())
  return [
    accepted('ES256, as registered', by(genuine.ES256)),
    accepted('ES256 with another P-256 key of the client', by(bare.ES256)),
    refused('algorithm', 'RS256 with a key of the client', by(genuine.RS256)),
    refused('algorithm', 'RS256 with a key of the client that has no alg', by(bare.RS256)),
    refused('algorithm', 'PS256 with a key of the client', by(pss, { alg: 'PS256' })),
    refused('algorithm', 'Ed25519 with a key of the client', by(genuine.Ed25519)),
    refused('algorithm', 'EdDSA with a key of the client', by(genuine.Ed25519, { alg: 'EdDSA' })),
    refused('algorithm', "HS256 with the client's secret", by(secret)),
    refused('algorithm', "HS256 with the client's public key", by({ ...pem, kid: genuine.ES256.kid })),
    refused('algorithm', 'HS256 with an empty secret', by({ ...hmacSigner(''), kid: genuine.ES256.kid })),
    refused('algorithm', 'none', by(genuine.ES256, { alg: 'none' })),
    refused('algorithm', 'ES384', by(genuine.ES256, { alg: 'ES384' })),
    refused(
      'unknown_key',
      'ES256 in the header, the RSA key in kid',
      by({ ...genuine.ES256, kid: genuine.RS256.kid }),
    ),
    refused(
      'signature',
      'ES256 in the header, signed with RSA',
      by({ ...genuine.RS256, kid: genuine.ES256.kid }, { alg: 'ES256' }),
    ),
    refused('unknown_key', "a stranger's key", by(mallory.ES256)),
    refused(
      'issuer',
      'of another client',
      forge('client assertion', genuine.ES256, { payload: { iss: 'cellar', sub: 'cellar' } }),
    ),
    refused(
      'audience',
      'for another server',
      forge('client assertion', genuine.ES256, { payload: { aud: 'https://other.example' } }),
    ),
  ]
}
