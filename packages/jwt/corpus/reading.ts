import { readFileSync } from 'node:fs'
import {
  AccessToken,
  ActionToken,
  type Algorithm,
  ClientAssertion,
  type CommonClaims,
  createVerifier,
  IdToken,
  IdTokenHint,
  type KeySource,
  LogoutToken,
  localKeys,
  StatusListToken,
  type TokenKind,
  type Verifier,
} from '../src/index.ts'
import { select } from '../src/keys.ts'
import type { Corpus, KindName } from './shape.ts'

const file = new URL('attacks.json', import.meta.url)
export const corpus = JSON.parse(readFileSync(file, 'utf8')) as Corpus // make.ts writes this shape

/** The kinds that the corpus names, as they are declared here. */
export const KINDS = {
  'access token': AccessToken,
  'ID token': IdToken,
  'ID token hint': IdTokenHint,
  'logout token': LogoutToken,
  'status list': StatusListToken,
  'action token': ActionToken,
  'client assertion': ClientAssertion,
}

/** A kind without the names of its claims: in the corpus a kind is chosen by a text. */
export const kindOf = (name: KindName) => KINDS[name] as unknown as TokenKind<CommonClaims> // read only by `verify`

/** The keys of the corpus: the published ones, and the secret for HS256. */
export async function corpusKeys(): Promise<KeySource> {
  const published = localKeys(corpus.keys)
  const { k = '', kid } = corpus.secret
  const hmac = { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', Buffer.from(k, 'base64url'), hmac, false, ['verify'])
  return {
    revision: () => 1,
    find: async (wanted) =>
      wanted.alg === 'HS256'
        ? { keys: select([{ alg: 'HS256', kid, key }], wanted), revision: 1 }
        : { keys: (await published.find(wanted)).keys, revision: 1 },
  }
}

/**
 * The verifier that has to hold: it lists all algorithms and has all keys, whatever the kind. Only a client is known by its
 * registered algorithm (JA-13).
 */
export function corpusVerifier(name: KindName, keys: KeySource): Verifier {
  const { issuer, audience = corpus.audience, algorithms } = corpus.kinds[name]
  return createVerifier({
    issuer,
    audience,
    algorithms: (name === 'client assertion' ? algorithms : corpus.algorithms) as Algorithm[], // names that it checks
    keys,
    status: 'unchecked',
    now: () => new Date(corpus.now * 1000),
  })
}
