import { invalidScope, invalidTarget } from './errors.ts'
import { narrowedResources, narrowedScope } from './narrow.ts'
import type { GrantHandler } from './token.ts'

// They are about a person, and nobody is there.
const ABOUT_A_PERSON = ['openid', 'profile', 'email', 'address', 'phone', 'roles', 'offline_access']

/** The client credentials grant (RFC 6749 §4.4): a token for the client itself, never to be taken for a person (RFC 9068 §5). */
export const clientCredentials: GrantHandler = async ({ tokens, now }, client, params, key) => {
  const scope = narrowedScope(
    client.scopes.filter((name) => !ABOUT_A_PERSON.includes(name)).join(' '),
    params,
  )
  if (!scope) throw invalidScope('this client has no scope of its own')
  const resources = narrowedResources([...client.resources], client, params)
  if (resources.length === 0) throw invalidTarget('this client has no resource to call')
  return { tokens: await tokens.issueClientToken(client, { scope, resources, key, now: now() }), scope }
}
