import type { Context } from 'hono'
import type { Auth } from '../auth.ts'
import { discovery } from '../protocol/discovery.ts'
import { publicJson } from './answers.ts'

/** Made once for each provider: what is registered does not change while it runs. */
const documents = new WeakMap<Auth, ReturnType<typeof discovery>>()

/** What this server can do: both metadata documents are one. */
export function getMetadata(c: Context, auth: Auth): Response {
  const document = documents.get(auth) ?? discovery(auth.issuer, auth.clients)
  documents.set(auth, document)
  return publicJson(c, document)
}

export function getKeys(c: Context, { keyring }: Auth): Response {
  return publicJson(c, keyring.publicJwks())
}
