import { notebook } from '../../../../notebook.ts'
import { sso } from '../../../../sso.ts'

// In seconds. A whole journal leaves the house at once, so whoever takes it has proved who they are just now.
const LOGIN_AT_MOST = 300

/** All notes of the caller, as a file; from a login too long ago, the challenge of RFC 9470. */
export async function GET(request: Request): Promise<Response> {
  const caller = await sso.apiSession(request, { scope: 'notes', maxAge: LOGIN_AT_MOST })
  if ('response' in caller) return caller.response
  const notes = await notebook.list(caller.session.user.id)
  const headers = {
    'cache-control': 'no-store',
    'content-disposition': 'attachment; filename="birch-notes.json"',
  }
  return Response.json({ notes }, { headers })
}
