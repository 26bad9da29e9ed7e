import { sso } from '../../../sso.ts'

/** Who is asking: the same answer for the browser's cookie and for any HTTP client's `Authorization`. */
async function me(request: Request): Promise<Response> {
  const answer = await sso.apiSession(request)
  if ('response' in answer) return answer.response
  const { user, scope, clientId, expiresAt } = answer.session
  const via = request.headers.has('authorization') ? 'bearer' : 'cookie'
  const who = { sub: user.id, name: user.name, email: user.email }
  return Response.json(
    { ...who, scope, clientId, expiresAt, via },
    { headers: { 'cache-control': 'no-store', vary: 'cookie, authorization' } },
  )
}

export const { GET, OPTIONS } = sso.cors({ GET: me })
