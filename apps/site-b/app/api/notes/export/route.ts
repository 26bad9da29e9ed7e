import { notebook } from '../../../../notebook.ts'
import { sso } from '../../../../sso.ts'
import { json } from '../../json.ts'

// In seconds. A whole journal leaves the house at once, so whoever takes it has proved who they are just now.
const LOGIN_AT_MOST = 300

/** All notes of the caller, as a file; from a login too long ago, the challenge of RFC 9470. */
export async function GET(request: Request): Promise<Response> {
  const caller = await sso.apiSession(request, { scope: 'notes', maxAge: LOGIN_AT_MOST })
  if ('response' in caller) return caller.response
  const answer = json({ notes: await notebook.list(caller.session.user.id) })
  answer.headers.set('content-disposition', 'attachment; filename="birch-notes.json"')
  return answer
}
