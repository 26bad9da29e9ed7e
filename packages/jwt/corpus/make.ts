// Makes attacks.json anew, with new keys: node --import tsx corpus/make.ts
import { writeFileSync } from 'node:fs'
import { ALDER, ISSUER, NOON_SECONDS } from '../src/issuer.fixture.ts'
import { control } from './attacks/control.ts'
import { noAlgorithm } from './attacks/ja-01-no-algorithm.ts'
import { publicKeyAsSecret } from './attacks/ja-02-public-key-as-secret.ts'
import { algorithmOfTheToken } from './attacks/ja-03-algorithm-of-the-token.ts'
import { embeddedKey } from './attacks/ja-04-embedded-key.ts'
import { keyElsewhere } from './attacks/ja-05-key-elsewhere.ts'
import { keyId } from './attacks/ja-06-key-id.ts'
import { weakSecret } from './attacks/ja-07-weak-secret.ts'
import { zeroSignature } from './attacks/ja-08-zero-signature.ts'
import { signatureShape } from './attacks/ja-09-signature-shape.ts'
import { criticalExtension } from './attacks/ja-10-critical-extension.ts'
import { encryptedToken } from './attacks/ja-11-encrypted.ts'
import { wrapped } from './attacks/ja-12-wrapped.ts'
import { clientAssertion } from './attacks/ja-13-client-assertion.ts'
import { wrongKind } from './attacks/ja-14-wrong-kind.ts'
import { issuerAndAudience } from './attacks/ja-15-issuer-and-audience.ts'
import { strangeJson } from './attacks/ja-16-strange-json.ts'
import { base64 } from './attacks/ja-17-base64.ts'
import { numbers } from './attacks/ja-18-numbers.ts'
import { size } from './attacks/ja-19-size.ts'
import { talkativeError } from './attacks/ja-20-talkative-error.ts'
import { authorization } from './attacks/ja-21-authorization.ts'
import { createCast } from './forger.ts'
import { RULES } from './kinds.ts'
import type { Corpus } from './shape.ts'

const attacks = [
  control,
  noAlgorithm,
  publicKeyAsSecret,
  algorithmOfTheToken,
  embeddedKey,
  keyElsewhere,
  keyId,
  weakSecret,
  zeroSignature,
  signatureShape,
  criticalExtension,
  encryptedToken,
  wrapped,
  clientAssertion,
  wrongKind,
  issuerAndAudience,
  strangeJson,
  base64,
  numbers,
  size,
  talkativeError,
] as const

const cast = createCast()
const { genuine, bare, secret } = cast
const published = [...Object.values(genuine), ...Object.values(bare)].map(({ publicJwk }) => publicJwk)
const cases = (await Promise.all(attacks.map((make) => make(cast)))).flat()

const corpus: Corpus = {
  about:
    'Attacks on verifiers of JSON Web Tokens, and good tokens between them. README.md says how to read it.',
  now: NOON_SECONDS,
  issuer: ISSUER,
  audience: ALDER,
  algorithms: ['ES256', 'RS256', 'Ed25519', 'HS256'],
  keys: { keys: published },
  secret: { kty: 'oct', kid: secret.kid, alg: 'HS256', k: secret.bytes.toString('base64url') },
  kinds: RULES,
  cases,
  headers: authorization(),
}

const LINE_WIDTH = 110

/** As the formatter writes it: a list of texts is on one line where it fits. In ASCII, so that nothing is invisible. */
function written(value: Corpus): string {
  const json = JSON.stringify(value, null, 2).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return `${json.replace(/^(.*)\[\n( +"(\\.|[^"\\])*",?\n)+ +\](,?)$/gm, (lines) => {
    const line = lines
      .trimEnd()
      .replace(/\n */g, ' ')
      .replace('[ ', '[')
      .replace(/ \](,?)$/, ']$1')
    return line.length <= LINE_WIDTH ? line : lines
  })}\n`
}

const json = written(corpus)
writeFileSync(new URL('attacks.json', import.meta.url), json)
console.info(`${cases.length} tokens, ${corpus.headers.length} headers, ${Math.ceil(json.length / 1024)} KiB`)
