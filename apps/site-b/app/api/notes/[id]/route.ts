import { notebook } from '../../../../notebook.ts'
import { sso } from '../../../../sso.ts'
import { refusal } from '../../json.ts'

/** Deletes a note of the caller; 404 for one that is not there or not theirs. */
async function remove(request: Request, { params }: RouteContext<'/api/notes/[id]'>): Promise<Response> {
  const caller = await sso.apiSession(request, { scope: 'notes' })
  if ('response' in caller) return caller.response
  const outcome = await notebook.remove(caller.session.user.id, (await params).id)
  if (outcome === 'unknown') return refusal(404, 'unknown_note', 'There is no such note.')
  return new Response(null, { status: 204, headers: { 'cache-control': 'no-store' } })
}

export const { DELETE, OPTIONS } = sso.cors({ DELETE: remove })
