// `npm run compose:secrets`: what docker-compose.yml needs before it can start. What is there already stays as it is.
import '../check-node.mjs'
import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = join(root, 'secrets')

const random = () => randomBytes(36).toString('base64url')

/** The later ones may need an earlier one. */
const secrets = {
  postgres_password: random,
  database_url: () => `postgres://auth:${secret('postgres_password')}@postgres:5432/auth`,
  auth_secret: random,
  alder_client_secret: random,
  alder_session_secret: random,
  birch_client_secret: random,
  birch_session_secret: random,
}

const settings = `# Settings of docker-compose.yml, explained in docs/operations/containers.md. The secrets are in files beside this one.
GROVE_SECRETS=./secrets
# Who may come: this machine alone. 0.0.0.0 is everybody.
LISTEN=127.0.0.1
# Names of this machine get certificates of Caddy's own authority, names of the Internet real ones.
AUTH_NAME=auth.localhost
ALDER_NAME=alder.localhost
BIRCH_NAME=birch.localhost
# REGISTRATION=on lets people make accounts for themselves. It is off unless said.
`

// Nobody else gets into the folder. The files in it are readable, for they are mounted one by one into containers whose users are none of
// this machine: a file that only its owner may read would be shut there too.
mkdirSync(folder, { recursive: true })
chmodSync(folder, 0o700)
const made = Object.entries(secrets).filter(([name, make]) => add(join(folder, name), `${make()}\n`, 0o444))
const isNew = add(join(root, '.env'), settings, 0o600)

const count =
  made.length === 0
    ? 'No secret was missing'
    : `${made.length} ${made.length === 1 ? 'secret is' : 'secrets are'} in secrets/, for nobody else's eyes`
console.log(`${count}; ${isNew ? '.env has the settings' : '.env stays as it was'}.`)
console.log('Now: REGISTRATION=on docker compose up --build, and then https://alder.localhost')

function secret(name) {
  return readFileSync(join(folder, name), 'utf8').trim()
}

function add(file, text, mode) {
  if (existsSync(file)) return false
  writeFileSync(file, text, { mode, flag: 'wx' })
  return true
}
