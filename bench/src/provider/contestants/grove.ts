import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startPostgres } from '../postgres.ts'
import { account, client } from '../registration.ts'
import { type Server, startServer } from '../server.ts'
import type { Contestant } from './index.ts'

const AUTH = fileURLToPath(new URL('../../../../apps/auth/', import.meta.url))

export const groveOnSqlite: Contestant = {
  name: 'Grove, SQLite',
  hasFile: true,
  start: (folder) => startGrove(folder, `file:${join(folder, 'auth.db')}`),
}

export const groveOnPostgresql: Contestant = {
  name: 'Grove, PostgreSQL',
  hasFile: false,
  async start(folder) {
    const postgres = await startPostgres()
    const server = await startGrove(folder, await postgres.createDatabase('auth'))
    return {
      ...server,
      databaseMicros: postgres.cpuMicros,
      async stop() {
        await server.stop()
        await postgres.stop()
      },
    }
  },
}

/** Grove as it is started in production, with the client and the person of the bench. */
export async function startGrove(folder: string, databaseUrl: string): Promise<Server> {
  const seed = join(folder, 'seed.json')
  await mkdir(folder, { recursive: true })
  await writeFile(seed, JSON.stringify(groveSeed()))
  return await startServer('Grove', (port) => ({
    args: startArguments(),
    cwd: AUTH,
    env: {
      PORT: String(port),
      ISSUER: `http://127.0.0.1:${port}`,
      DATABASE_URL: databaseUrl,
      AUTH_SECRET: 'a secret of this bench with 32 or more characters',
      SEED_FILE: seed,
      RATE_LIMITS: 'off', // all logins of the bench come from one address
      LOG_LEVEL: 'warn', // the others write no line for each request either
    },
  }))
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
