import type { Tracer } from '@grove/traces'
import type { PostLogoutToken } from '../domain/back-channel.ts'
import { postLogoutToken } from './post-logout-token.ts'

/**
 * Each delivery is a trace of its own, which the site goes on with. It is linked to the logout that it is sent in; one that is tried again
 * later, perhaps by another process, belongs to nobody's request.
 */
export function tracedPost(tracer: Tracer): PostLogoutToken {
  return async (uri, logoutToken) => {
    const logout = tracer.present()
    const start = {
      name: 'POST back-channel logout',
      kind: 'client',
      parent: null,
      links: logout ? [logout.traceparent] : [],
      attributes: { 'http.request.method': 'POST', 'server.address': new URL(uri).hostname },
    } as const
    return await tracer.trace(start, async ({ traceparent, set }) => {
      const reason = await postLogoutToken(uri, logoutToken, { traceparent })
      set({ 'grove.outcome': reason === undefined ? 'delivered' : 'failed' })
      return reason
    })
  }
}
