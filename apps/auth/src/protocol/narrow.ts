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

/** The audiences for this one answer: fewer than were granted, never others (RFC 8707 §2.2). */
export function narrowedResources(granted: string[], { resources }: Params): string[] {
  if (resources.length === 0) return granted
  if (!resources.every((resource) => granted.includes(resource)))
    throw invalidTarget('resource is not among those that were granted')
  return [...new Set(resources)]
}
