import {
  createStatusLists,
  createStatusPublisher,
  createVerifier,
  generateKey,
  importPrivateKey,
  localKeys,
  type StatusLists,
} from '@grove/jwt'
import { differentNumbers } from '../random.ts'
import { AUDIENCE, ISSUER, LIST_SIZE, STATUS_URI } from './tokens.ts'

/** The place of a token that was revoked: the last one of the list. */
export const REVOKED = LIST_SIZE - 1

/**
 * A list of a million places, one in a hundred revoked, from an issuer in memory. It may be used for an hour, so that no fetch falls
 * into what is timed.
 */
export async function statusLists(): Promise<StatusLists> {
  const { privateJwk, publicJwk } = await generateKey('ES256')
  const signing = await importPrivateKey(privateJwk, 'ES256')
  const publisher = createStatusPublisher({
    issuer: ISSUER,
    key: () => signing,
    size: LIST_SIZE,
    ttlSeconds: 3600,
    lifetimeSeconds: 7200,
  })
  // The tokens of the working set have even places.
  const revoked = differentNumbers(LIST_SIZE / 100, LIST_SIZE / 2).map((place) => 2 * place + 1)
  const { token } = await publisher.publish(STATUS_URI, [...revoked, REVOKED], new Date())
  const verifier = createVerifier({
    issuer: ISSUER,
    audience: AUDIENCE,
    algorithms: ['ES256'],
    keys: localKeys({ keys: [publicJwk] }),
    status: 'unchecked',
  })
  return createStatusLists({ issuer: ISSUER, verifier, fetch: async () => new Response(token) })
}
