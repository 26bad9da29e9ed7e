import { readFileSync } from 'node:fs'

/** Auth tells a site of a logout from server to server: on loopback, where no authority has to be trusted. */
const STAYS = 'backchannel_logout_uri'

/**
 * Clients and accounts of several seed files, with every address of this house as it is over https.
 *
 * @param {string[]} files
 * @param {Map<string, string>} addresses origin → origin
 * @throws Error naming the file that is no JSON
 */
export function seedOverHttps(files, addresses) {
  const parts = files.map((file) => overHttps(parsed(file), addresses))
  return {
    clients: parts.flatMap(({ clients = [] }) => clients),
    accounts: parts.flatMap(({ accounts = [] }) => accounts),
  }
}

function parsed(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    throw new Error(`SEED_FILE names ${file}, which cannot be read as JSON.`)
  }
}

/** A seed, or a part of one, with every address of this house as it is over https. */
export function overHttps(value, addresses) {
  if (typeof value === 'string') return movedAddress(value, addresses)
  if (Array.isArray(value)) return value.map((item) => overHttps(item, addresses))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
  return Object.fromEntries(
    entries.map(([name, item]) => [name, name === STAYS ? item : overHttps(item, addresses)]),
  )
}

function movedAddress(text, addresses) {
  const origin = [...addresses.keys()].find((known) => text === known || text.startsWith(`${known}/`))
  return origin ? addresses.get(origin) + text.slice(origin.length) : text
}
