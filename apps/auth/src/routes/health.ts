import type { Context } from 'hono'
import type { Auth } from '../auth.ts'
import { json } from './answers.ts'

/** 200 while this server can do its work, which takes the database. */
export async function getHealth(c: Context, { store }: Auth): Promise<Response> {
  try {
    await store.ping()
    return json(c, { status: 'ok' })
  } catch {
    return json(c, { status: 'the database does not answer' }, { status: 503 })
  }
}
