import type { Context } from 'hono'
import type { Auth } from '../auth.ts'
import { json } from './answers.ts'

/** This process runs, and that is all it says: nothing is asked, so that a database that is gone does not get it killed. */
export function getHealth(c: Context): Response {
  return json(c, { status: 'ok' })
}

/** 200 while this server can do its work, which takes the database and the keys. */
export async function getReadiness(c: Context, { store, keyring }: Auth): Promise<Response> {
  const unready = (status: string) => json(c, { status }, { status: 503 })
  try {
    keyring.current('ES256')
  } catch {
    return unready('there is no key to sign with')
  }
  try {
    await store.ping()
  } catch {
    return unready('the database does not answer')
  }
  return json(c, { status: 'ok' })
}
