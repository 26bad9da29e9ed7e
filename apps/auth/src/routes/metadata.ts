import type { Context } from 'hono'
import type { Auth } from '../auth.ts'
import { discovery } from '../protocol/discovery.ts'
import { publicJson } from './answers.ts'

/** What this server can do: both metadata documents are one. */
export function getMetadata(c: Context, { issuer, clients }: Auth): Response {
  return publicJson(c, discovery(issuer, clients))
}

export function getKeys(c: Context, { keyring }: Auth): Response {
  return publicJson(c, keyring.publicJwks())
}
