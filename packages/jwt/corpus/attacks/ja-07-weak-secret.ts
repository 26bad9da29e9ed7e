import { type Cast, forge, hmacSigner } from '../forger.ts'
import { attack, say, type TokenCase } from '../shape.ts'

const SECRETS = [
  '',
  '\0',
  '\0'.repeat(32),
  '0',
  'null',
  'undefined',
  '[object Object]',
  'secret',
  'password',
  'changeme',
  'admin',
  'jwt',
  'key',
  '123456',
  '12345678901234567890123456789012',
  'abcdefghijklmnopqrstuvwxyz012345',
  'https://auth.example',
]

/** HS256 with a secret that is blank, or the first that anybody would try. */
export function weakSecret({ genuine: { ES256 }, secret }: Cast): TokenCase[] {
  const { refused } = attack('JA-7', 'action token')
  const others: [string, string | Buffer][] = [
    ['its own kid', secret.kid],
    ['the base64url text of the right one', secret.bytes.toString('base64url')],
    ['the hexadecimal text of the right one', secret.bytes.toString('hex')],
    ['the right one but for its last byte', secret.bytes.subarray(0, 31)],
    ['the right one and a byte', Buffer.concat([secret.bytes, Buffer.of(1)])],
  ]
  return [
    ...SECRETS.map((weak) =>
      refused('signature', `the secret is ${say(weak)}`, forge('action token', hmacSigner(weak))),
    ),
    ...['', 'secret'].map((weak) =>
      refused(
        'signature',
        `the secret is ${say(weak)}, without kid`,
        forge('action token', hmacSigner(weak), { header: { kid: undefined } }),
      ),
    ),
    ...others.map(([name, bytes]) =>
      refused('signature', `the secret is ${name}`, forge('action token', hmacSigner(bytes))),
    ),
    ...['', 'secret'].map((weak) =>
      attack('JA-7').refused(
        'algorithm',
        `the secret of an access token is ${say(weak)}`,
        forge('access token', { ...hmacSigner(weak), kid: ES256.kid }),
      ),
    ),
  ]
}
