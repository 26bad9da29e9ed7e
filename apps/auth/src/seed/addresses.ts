import { type Environment, givenValue, SettingsError } from '../settings.ts'

const NAMED = /^\$([A-Z][A-Z0-9_]*)(?=\/|$)/

/**
 * A seed file with the addresses of its clients written out: `"$ALDER_URL/sso/callback"` takes its beginning from the environment, so that
 * one file fits wherever it runs. A client's secret is not looked at here: its own rules say what is wrong with it.
 * @throws SettingsError naming the setting that is missing
 */
export function withAddresses(seed: unknown, env: Environment): unknown {
  if (typeof seed !== 'object' || seed === null || !('clients' in seed)) return seed
  return { ...seed, clients: writtenOut(seed.clients, env) }
}

function writtenOut(value: unknown, env: Environment): unknown {
  if (typeof value === 'string') return value.replace(NAMED, (_, name: string) => addressOf(name, env))
  if (Array.isArray(value)) return value.map((one) => writtenOut(one, env))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([member, inner]) => [
      member,
      member === 'client_secret' ? inner : writtenOut(inner, env),
    ]),
  )
}

function addressOf(name: string, env: Environment): string {
  const address = givenValue(name, env)
  if (address) return address
  throw new SettingsError(`${name} is missing: SEED_FILE has an address that begins with it.`)
}
