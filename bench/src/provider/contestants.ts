import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PEERS } from './peers.ts'
import { account, client } from './registration.ts'
import { type Server, startServer } from './server.ts'

/** A provider to be measured. */
export interface Contestant {
  name: string
  isDurable: boolean
  /** In `folder` it finds what it kept there before. */
  start(folder: string): Promise<Server>
}

export const GROVE = 'Grove'
export const R = 'node-oidc-provider, better-sqlite3'

const AUTH = fileURLToPath(new URL('../../../apps/auth/', import.meta.url))

const grove: Contestant = {
  name: GROVE,
  isDurable: true,
  async start(folder) {
    const seed = join(folder, 'seed.json')
    await mkdir(folder, { recursive: true })
    await writeFile(seed, JSON.stringify(groveSeed()))
    return await startServer(GROVE, (port) => ({
      args: startArguments(),
      cwd: AUTH,
      env: {
        PORT: String(port),
        ISSUER: `http://127.0.0.1:${port}`,
        DATABASE_URL: `file:${join(folder, 'auth.db')}`,
        AUTH_SECRET: 'a secret of this bench with 32 or more characters',
        SEED_FILE: seed,
        RATE_LIMITS: 'off', // all logins of the bench come from one address
        LOG_LEVEL: 'warn', // the others write no line for each request either
      },
    }))
  },
}

/** Of Node, as the package's `start` gives them. */
function startArguments(): string[] {
  const { scripts } = JSON.parse(readFileSync(join(AUTH, 'package.json'), 'utf8'))
  return scripts.start.split(' ').slice(1)
}

/** Grove as its source is now, built for production. */
export function buildGrove(): void {
  for (const script of ['generate', 'build'])
    execFileSync('npm', ['run', '--silent', script], { cwd: AUTH, stdio: ['ignore', 'ignore', 'inherit'] })
}

function nodeOidcProvider(name: string, isDurable: boolean): Contestant {
  return {
    name,
    isDurable,
    async start(folder) {
      await mkdir(folder, { recursive: true })
      return await startServer(name, (port) => ({
        args: ['node-oidc-provider.mjs'],
        cwd: PEERS,
        env: {
          PORT: String(port),
          REGISTRATION: JSON.stringify({ client, account }),
          ...(isDurable && { DATABASE: join(folder, 'provider.db') }),
          NODE_ENV: 'production',
        },
      }))
    },
  }
}

export const contestants: readonly Contestant[] = [
  grove,
  nodeOidcProvider(R, true),
  nodeOidcProvider('node-oidc-provider, in memory', false),
]

function groveSeed() {
  const { id, secret, redirectUri, resource } = client
  const registered = {
    client_id: id,
    client_name: 'Bench',
    client_secret: secret,
    redirect_uris: [redirectUri],
    scope: 'openid profile email offline_access',
    resources: [resource],
    first_party: true,
  }
  const { email, email_verified, ...claims } = account.claims
  return {
    clients: [registered],
    accounts: [{ email, password: account.password, claims: { ...claims, email_verified } }],
  }
}
