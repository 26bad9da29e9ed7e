import type { Client } from '../domain/clients.ts'
import { invalidScope, invalidTarget } from './errors.ts'
import type { Params } from './params.ts'

/** The scope for this one answer: less than was granted, never more (RFC 6749 §6). */
export function narrowedScope(granted: string, params: Params): string {
  const wanted = params.get('scope')
  if (!wanted) return granted
  const scopes = granted.split(' ')
  const asked = [...new Set(wanted.split(' '))]
  if (!asked.every((scope) => scopes.includes(scope)))
    throw invalidScope('scope is wider than what was granted')
  return asked.join(' ')
}

/**
 * The audiences for this one answer: fewer than were granted, never others (RFC 8707 §2.2). Only our own sites get several in one
 * token (docs/decisions/001); any other client gets the one that it names, or its first (RFC 9700 §2.3).
 */
export function narrowedResources(granted: string[], client: Client, { resources }: Params): string[] {
  if (!resources.every((resource) => granted.includes(resource)))
    throw invalidTarget('resource is not among those that were granted')
  const wanted = resources.length > 0 ? [...new Set(resources)] : granted
  if (!client.needsConsent) return wanted // it is one of our own
  if (resources.length > 0 && wanted.length > 1)
    throw invalidTarget('a token of this client is for one resource: name one')
  return wanted.slice(0, 1)
}
