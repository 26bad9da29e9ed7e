import { sso } from '../../../sso.ts'
import { json } from '../json.ts'

/** Who the caller is, by cookie or by bearer token. */
async function me(request: Request): Promise<Response> {
  const caller = await sso.apiSession(request)
  if ('response' in caller) return caller.response
  const { user, scope, clientId, expiresAt } = caller.session
  return json({
    sub: user.id,
    name: user.name,
    email: user.email,
    scope: scope.join(' '),
    clientId,
    expiresAt,
  })
}

export const { GET, OPTIONS } = sso.cors({ GET: me })
