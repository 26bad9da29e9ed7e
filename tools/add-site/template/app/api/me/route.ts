import { sso } from '../../../sso.ts'

/** Who is asking: by the browser's cookie, or by any HTTP client's `Authorization: Bearer`. */
async function me(request: Request): Promise<Response> {
  const caller = await sso.apiSession(request)
  if ('response' in caller) return caller.response
  const { user, clientId, expiresAt } = caller.session
  return Response.json(
    { sub: user.id, name: user.name, clientId, expiresAt },
    { headers: { 'cache-control': 'no-store', vary: 'cookie, authorization' } },
  )
}

export const { GET, OPTIONS } = sso.cors({ GET: me })
