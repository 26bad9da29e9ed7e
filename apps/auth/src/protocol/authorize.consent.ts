import { type ConsentStore, consentScope, covers } from '../domain/consents.ts'
import type { Session } from '../domain/sessions.ts'
import type { AuthorizationRequest } from './authorize.checks.ts'

/** Whether the person has to be asked before this client learns anything. Nobody is asked about the company's own sites. */
export async function needsConsent(
  { store }: { store: { consents: ConsentStore } },
  request: AuthorizationRequest,
  { account }: Session,
): Promise<boolean> {
  if (!request.client.needsConsent) return false
  // RFC 8252 §8.6: another program may have opened the browser in its name, so what was allowed once is not enough.
  if (request.prompt.has('consent') || request.client.isNative) return true
  return !covers(await store.consents.find(account.id, request.client.id), askedScope(request))
}

/** Everything that the client would learn or may do: what the person sees, and what is remembered. */
export function askedScope({ scope, claims }: AuthorizationRequest): string {
  return consentScope(scope, [...(claims?.userinfo ?? []), ...(claims?.idToken ?? [])])
}
