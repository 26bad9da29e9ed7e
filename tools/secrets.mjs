import { randomBytes } from 'node:crypto'
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { sitesOf } from './sites.mjs'

/** Which secret each app keeps, and the name of the app and secret it must agree with. */
function secretsOf(root) {
  const sites = sitesOf(root)
  return {
    'apps/auth': {
      AUTH_SECRET: null,
      ...Object.fromEntries(sites.map(({ secretName }) => [secretName, null])),
    },
    ...Object.fromEntries(
      sites.map(({ folder, secretName }) => [
        folder,
        { CLIENT_SECRET: ['apps/auth', secretName], SESSION_SECRET: null },
      ]),
    ),
  }
}

/** Production refuses a secret with this prefix: see the settings of each app. */
const newSecret = () => `development-${randomBytes(36).toString('base64url')}`

const fileOf = (root, folder) => join(root, folder, '.env.local')

/** What an app's `.env.local` says; nothing where there is none. @returns {Record<string, string>} */
export function localSettings(root, folder) {
  const file = fileOf(root, folder)
  return existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {}
}

/**
 * Writes the development secrets that are missing to `apps/*\/.env.local`; what is there stays as it is.
 * A client's secret is one value in two files, so the one that is there decides the other.
 *
 * @param {string} root the folder of the repository
 */
export function writeMissingSecrets(root) {
  const kept = secretsOf(root)
  const have = Object.fromEntries(Object.keys(kept).map((folder) => [folder, localSettings(root, folder)]))

  for (const [folder, secrets] of Object.entries(kept)) {
    for (const [name, twin] of Object.entries(secrets)) {
      if (!twin) continue
      const value = have[folder][name] ?? have[twin[0]][twin[1]] ?? newSecret()
      add(root, have, folder, name, value)
      add(root, have, twin[0], twin[1], value)
    }
    for (const name of Object.keys(secrets)) if (!secrets[name]) add(root, have, folder, name, newSecret())
  }
}

function add(root, have, folder, name, value) {
  if (have[folder][name]) return
  const file = fileOf(root, folder)
  const isNew = !existsSync(file)
  const before = isNew ? '# Secrets of this machine, for development only. Never commit this file.\n' : ''
  const text = !isNew && !readFileSync(file, 'utf8').endsWith('\n') ? '\n' : before
  appendFileSync(file, `${text}${name}=${value}\n`, { mode: 0o600 })
  have[folder][name] = value
}

/** Takes one secret out of an app's `.env.local`, if it is there. */
export function forgetSecret(root, folder, name) {
  const file = fileOf(root, folder)
  if (!(name in localSettings(root, folder))) return
  const lines = readFileSync(file, 'utf8').split('\n')
  writeFileSync(file, lines.filter((line) => !line.startsWith(`${name}=`)).join('\n'))
}
