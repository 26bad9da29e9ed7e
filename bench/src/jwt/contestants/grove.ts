import { AccessToken, createVerifier, issue, remoteKeys, type VerifierOptions } from '@grove/jwt'
import type { Contestant } from '../contestants.ts'
import type { Keys } from '../keys.ts'
import { statusLists } from '../revocation.ts'
import { AUDIENCE, ISSUER, LIFETIME_SECONDS } from '../tokens.ts'

export const GROVE = '@grove/jwt'
export const GROVE_REVOCATION = '@grove/jwt, with revocation looked up'

/** This module: with its keys at hand; with revocation too; and as a site has it, its keys from the issuer's JWKS. */
export async function grove(keys: Keys): Promise<Contestant[]> {
  const status = await statusLists()
  const { publicJwk } = keys
  const remote =
    publicJwk &&
    remoteKeys({ url: `${ISSUER}/jwks`, fetch: async () => Response.json({ keys: [publicJwk] }) })
  return [
    { name: GROVE, sign: signer(keys), ...verifiers(keys, {}) },
    { name: GROVE_REVOCATION, looksUpRevocation: true, ...verifiers(keys, { status }) },
    {
      name: '@grove/jwt, revocation, keys from a JWKS',
      looksUpRevocation: true,
      ...(remote && verifiers(keys, { status, keys: remote })),
    },
  ]
}

function signer({ alg, grove: { signing } }: Keys): Contestant['sign'] {
  const kind = kindFor(alg)
  return (claims) => issue(kind, claims, { key: signing, lifetimeSeconds: LIFETIME_SECONDS, now: new Date() })
}

function verifiers(keys: Keys, options: Partial<VerifierOptions>): Partial<Contestant> {
  return {
    cold: groveVerify(keys, { ...options, mostRemembered: 0 }),
    hot: groveVerify(keys, options),
    random: groveVerify(keys, options),
  }
}

export function groveVerify(keys: Keys, options: Partial<VerifierOptions> = {}) {
  const kind = kindFor(keys.alg)
  const verifier = createVerifier({
    issuer: ISSUER,
    audience: AUDIENCE,
    algorithms: [keys.alg],
    keys: keys.grove.source,
    status: 'unchecked',
    ...options,
  })
  return (text: string) => verifier.verify(kind, text)
}

// HS256 is for tokens whose issuer and verifier are one party, so for the comparison the access token is declared one of them.
const OneParty: typeof AccessToken = { ...AccessToken, isOneParty: true }
const kindFor = (alg: string) => (alg === 'HS256' ? OneParty : AccessToken)
