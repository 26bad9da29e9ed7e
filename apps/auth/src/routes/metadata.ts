import type { Context } from 'hono'
import type { Auth } from '../auth.ts'
import { discovery } from '../protocol/discovery.ts'
import { json } from './answers.ts'

const MAY_BE_CACHED = {
  headers: { 'cache-control': 'public, max-age=300', 'access-control-allow-origin': '*' },
}

/** Makes it once for each provider: what is registered does not change while it runs. */
export function oncePer<T>(make: (auth: Auth) => T): (auth: Auth) => T {
  const made = new WeakMap<Auth, T>()
  return (auth) => {
    const known = made.get(auth) ?? make(auth)
    made.set(auth, known)
    return known
  }
}

const metadata = oncePer(({ issuer, clients }) => discovery(issuer, clients))

/** What this server can do: both metadata documents are one. */
export function getMetadata(c: Context, auth: Auth): Response {
  return json(c, metadata(auth), MAY_BE_CACHED)
}

export function getKeys(c: Context, { keyring }: Auth): Response {
  return json(c, keyring.publicJwks(), MAY_BE_CACHED)
}
