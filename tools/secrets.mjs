import { randomBytes } from 'node:crypto'
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'

/** Which secret each app keeps, and the name of the app and secret it must agree with. */
const kept = {
  'apps/auth': { AUTH_SECRET: null, ALDER_CLIENT_SECRET: null, BIRCH_CLIENT_SECRET: null },
  'apps/site-a': { CLIENT_SECRET: ['apps/auth', 'ALDER_CLIENT_SECRET'], SESSION_SECRET: null },
  'apps/site-b': { CLIENT_SECRET: ['apps/auth', 'BIRCH_CLIENT_SECRET'], SESSION_SECRET: null },
}

/** Production refuses a secret with this prefix: see the settings of each app. */
const newSecret = () => `development-${randomBytes(36).toString('base64url')}`

const fileOf = (root, folder) => join(root, folder, '.env.local')
const read = (file) => (existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {})

/**
 * Writes the development secrets that are missing to `apps/*\/.env.local`; what is there stays as it is.
 * A client's secret is one value in two files, so the one that is there decides the other.
 *
 * @param {string} root the folder of the repository
 */
export function writeMissingSecrets(root) {
  const have = Object.fromEntries(Object.keys(kept).map((folder) => [folder, read(fileOf(root, folder))]))

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
