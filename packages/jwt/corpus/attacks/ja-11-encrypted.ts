import { createCipheriv, type KeyObject, randomBytes } from 'node:crypto'
import { deflateRawSync } from 'node:zlib'
import { CompactEncrypt } from 'jose'
import { segment } from '../../src/issuer.fixture.ts'
import { type Cast, forge } from '../forger.ts'
import { claimsOf } from '../kinds.ts'
import { attack, type TokenCase } from '../shape.ts'

const CLAIMS = Buffer.from(JSON.stringify(claimsOf('access token')))

async function encrypted(alg: string, key: KeyObject | Buffer, content = CLAIMS, more = {}): Promise<string> {
  const jwe = new CompactEncrypt(content).setProtectedHeader({ alg, enc: 'A256GCM', typ: 'at+jwt', ...more })
  return await jwe.encrypt(key)
}

/** `dir` and A256GCM by hand, with content that grows when it is inflated. */
function bomb(key: Buffer, bytes: number): string {
  const header = segment({ alg: 'dir', enc: 'A256GCM', zip: 'DEF', typ: 'at+jwt' })
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(header))
  const content = Buffer.concat([cipher.update(deflateRawSync(Buffer.alloc(bytes))), cipher.final()])
  return `${header}..${segment(iv)}.${segment(content)}.${segment(cipher.getAuthTag())}`
}

/** Encrypted tokens where signed ones are expected: everybody has the public key, so everybody can encrypt. */
export async function encryptedToken({ genuine, secret }: Cast): Promise<TokenCase[]> {
  const { refused } = attack('JA-11')
  const signed = forge('access token', genuine.ES256)
  const jwk = Buffer.from(JSON.stringify(genuine.ES256.publicJwk))
  const pbes2 = (p2c: unknown) =>
    `${segment({ alg: 'PBES2-HS512+A256KW', enc: 'A256GCM', p2s: segment('salt'), p2c })}.${segment(randomBytes(40))}.${segment(randomBytes(12))}.AA.${segment(randomBytes(16))}`
  const malformed = (name: string, token: string) => refused('malformed', name, token)
  const [, payload = '', signature = ''] = signed.split('.')
  return [
    malformed('for the RSA key, RSA-OAEP-256', await encrypted('RSA-OAEP-256', genuine.RS256.publicKey)),
    malformed('for the P-256 key, ECDH-ES', await encrypted('ECDH-ES', genuine.ES256.publicKey)),
    malformed(
      'for the P-256 key, ECDH-ES+A128KW',
      await encrypted('ECDH-ES+A128KW', genuine.ES256.publicKey),
    ),
    malformed('with the secret of HS256, dir', await encrypted('dir', secret.bytes)),
    malformed('with the secret of HS256, A256KW', await encrypted('A256KW', secret.bytes)),
    malformed('with the public key as the password', await encrypted('PBES2-HS256+A128KW', jwk)),
    malformed(
      'around a genuine token',
      await encrypted('ECDH-ES', genuine.ES256.publicKey, Buffer.from(signed), { cty: 'JWT' }),
    ),
    ...[2 ** 31, 2 ** 53, 1e308, -1, '4294967296'].map((p2c) =>
      malformed(`PBES2 with ${p2c} rounds`, pbes2(p2c)),
    ),
    malformed('a bomb: 4 MB of zeros, deflated', bomb(secret.bytes, 4_000_000)),
    malformed(
      'zip DEF and rubbish',
      `${segment({ alg: 'dir', enc: 'A256GCM', zip: 'DEF' })}..AAAA.AAAA.AAAA`,
    ),
    malformed('RSA1_5', `${segment({ alg: 'RSA1_5', enc: 'A128CBC-HS256' })}.AAAA.AAAA.AAAA.AAAA`),
    malformed('five parts, all empty', '....'),
    malformed('a genuine token with two more parts', `${signed}.${payload}.${signature}`),
    malformed(
      'enc in the header of three parts',
      forge('access token', genuine.ES256, { header: { enc: 'A256GCM' } }),
    ),
    malformed(
      'zip in the header of three parts',
      forge('access token', genuine.ES256, { header: { zip: 'DEF' } }),
    ),
    refused(
      'algorithm',
      'alg dir in the header of three parts',
      forge('access token', genuine.ES256, { header: { alg: 'dir' } }),
    ),
  ]
}
