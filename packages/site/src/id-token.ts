import { createHash } from 'node:crypto'
import { audiences, defineToken, identifier, TokenError, text } from '@grove/jwt'
import type { Kit } from './kit.ts'

/**
 * An ID token as any OpenID provider may write it, on its way from the provider to this site (OpenID Connect Core 1.0 §2). What it
 * says about the person is looked at claim by claim, and what is not as it should be is left out.
 */
const FreshIdToken = defineToken({
  name: 'ID token',
  typ: 'JWT',
  typMayBeAbsent: true,
  hasAudience: true,
  namesAuthorizedParty: true,
  maxAgeSeconds: 600,
  says: { sub: identifier, aud: audiences },
  maySay: { azp: identifier, at_hash: text() },
})

/**
 * The checks that openid-client leaves to others (§3.1.3.7): the signature, by keys that are fetched anew for a key nobody has seen;
 * that it is no token of another kind; its age; and that it belongs to this access token (§3.1.3.8).
 * @throws TokenError, KeysUnavailableError
 */
export async function trustIdToken(kit: Kit, idToken: string, accessToken: string): Promise<void> {
  const { claims } = await kit.idTokens.verify(FreshIdToken, idToken)
  // The algorithms that are taken both hash with SHA-256; the left half of it counts.
  const half = createHash('sha256').update(accessToken).digest().subarray(0, 16)
  if (claims.at_hash !== undefined && claims.at_hash !== half.toString('base64url'))
    throw new TokenError('claim', 'the ID token belongs to another access token')
}
