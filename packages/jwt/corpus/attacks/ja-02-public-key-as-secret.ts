import { type Cast, forge, hmacSigner, type KeyPair } from '../forger.ts'
import { attack, type TokenCase } from '../shape.ts'

/** The token is turned into HS256; the secret is the public key in a form in which a careless library would hold it. */
export function publicKeyAsSecret({ genuine, secret }: Cast): TokenCase[] {
  return Object.values(genuine).flatMap((victim) =>
    encodingsOf(victim).flatMap(([encoding, bytes]) => {
      const signer = { ...hmacSigner(bytes), kid: victim.kid }
      const name = `the secret is the ${victim.alg} key: ${encoding}`
      const access = attack('JA-2').refused('algorithm', name, forge('access token', signer))
      if (encoding !== 'PEM') return [access]
      // A kind that is signed with HS256: the verifier has a secret, and it is not this one.
      const action = attack('JA-2', 'action token')
      const unnamed = { header: { kid: undefined } }
      return [
        access,
        action.refused('unknown_key', `${name}, named by its kid`, forge('action token', signer)),
        action.refused('signature', `${name}, without kid`, forge('action token', signer, unnamed)),
        action.refused(
          'signature',
          `${name}, under the kid of the secret`,
          forge('action token', { ...signer, kid: secret.kid }),
        ),
      ]
    }),
  )
}

function encodingsOf({ alg, publicJwk, publicKey }: KeyPair): [string, string | Buffer][] {
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const der = publicKey.export({ type: 'spki', format: 'der' })
  const { kty, crv, n, e, x, y } = publicJwk
  const bare = Object.fromEntries(Object.entries({ kty, crv, n, e, x, y }).filter(([, value]) => value))
  const coordinates = Object.entries({ n, x, y }).filter((entry): entry is [string, string] => !!entry[1])
  return [
    ['PEM', pem],
    ['PEM without the last line break', pem.trimEnd()],
    ['PEM after white space', `\n ${pem}`],
    ['PEM with CRLF', pem.replaceAll('\n', '\r\n')],
    ['PEM in one line', pem.replaceAll('\n', '')],
    ['the base64 of its PEM alone', pem.replace(/-----[^-]+-----|\n/g, '')],
    ['DER', der],
    ...(alg === 'RS256' ? [pkcs1(publicKey)] : []),
    ['JWK as published', JSON.stringify(publicJwk)],
    ['JWK with nothing but the key', JSON.stringify(bare)],
    ['JWK after white space', ` ${JSON.stringify(publicJwk)}`],
    ['JWK in several lines', JSON.stringify(publicJwk, null, 2)],
    ['JWKS', JSON.stringify({ keys: [publicJwk] })],
    ...coordinates.map(([name, value]): [string, string] => [`the text of ${name}`, value]),
    ...coordinates.map(([name, value]): [string, Buffer] => [
      `the bytes of ${name}`,
      Buffer.from(value, 'base64url'),
    ]),
    ...(alg === 'ES256' ? [point(x, y)] : []),
  ]
}

function pkcs1(publicKey: KeyPair['publicKey']): [string, string] {
  return ['PEM of PKCS #1', publicKey.export({ type: 'pkcs1', format: 'pem' }).toString()]
}

function point(x = '', y = ''): [string, Buffer] {
  const coordinates = [x, y].map((part) => Buffer.from(part, 'base64url'))
  return ['the uncompressed point', Buffer.concat([Buffer.of(4), ...coordinates])]
}
