import { invalidRequest } from './errors.ts'

/** Untrusted parameters, each present at most once (OAuth 2.1 §3.1); an empty one counts as absent. */
export interface Params {
  get(name: string): string | undefined
  /** `resource` may be repeated (RFC 8707 §2). */
  resources: readonly string[]
  names: readonly string[]
  /** The same without some, or with one more or another. */
  without(names: readonly string[]): Params
  with(name: string, value: string): Params
  /** For a form that comes back with the same request. */
  toString(): string
}

const MOST_PARAMETERS = 64
const MOST_CHARACTERS = 4_096

/** @throws OAuthError `invalid_request` if a parameter is repeated, too long, or one of too many */
export function readParams(source: string): Params {
  const all = [...new URLSearchParams(source)]
  if (all.length > MOST_PARAMETERS) throw invalidRequest('there are too many parameters')
  const values = new Map<string, string>()
  for (const [name, value] of all) {
    if (value.length > MOST_CHARACTERS)
      throw invalidRequest(`a parameter is longer than ${MOST_CHARACTERS} characters`)
    if (name === 'resource') continue
    if (values.has(name)) throw invalidRequest(`the parameter ${name.slice(0, 40)} is repeated`)
    values.set(name, value)
  }
  const resources = all.flatMap(([name, value]) => (name === 'resource' && value ? [value] : []))
  return {
    get: (name) => values.get(name) || undefined,
    resources,
    names: all.map(([name]) => name),
    without: (names) => readParams(queryOf(all.filter(([name]) => !names.includes(name)))),
    with: (name, value) => readParams(queryOf([...all.filter(([other]) => other !== name), [name, value]])),
    toString: () => queryOf(all),
  }
}

const queryOf = (all: [string, string][]): string => new URLSearchParams(all).toString()
