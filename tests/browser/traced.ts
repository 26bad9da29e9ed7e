import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Receiver } from './otlp.ts'
import { Server } from './processes.ts'

// As long as auth takes at most, and those who start containers wait.
const STOP_WITHIN_MS = 10_000

const secret = () => randomBytes(36).toString('base64url')

/** Auth and Alder as they run in production, on ports of their own, with a receiver for their traces. */
export class TracedGrove {
  readonly receiver = new Receiver()
  readonly email = 'alice@example.com'
  readonly password = 'wonderland-1865'
  /** What no trace may say, as far as it is known beforehand. */
  readonly secrets = { auth: secret(), client: secret(), session: secret() }
  readonly issuer: string
  readonly alder: string
  private readonly folder = mkdtempSync(join(tmpdir(), 'grove-traces-'))
  private servers: Server[] = []

  private constructor(authPort: number, alderPort: number) {
    this.issuer = `http://auth.localhost:${authPort}`
    this.alder = `http://site-a.localhost:${alderPort}`
  }

  static async starts(): Promise<TracedGrove> {
    const grove = new TracedGrove(await freePort(), await freePort())
    await grove.receiver.starts()
    grove.servers = [grove.authServer(), grove.alderServer()]
    await Promise.all(grove.servers.map((server) => server.starts()))
    return grove
  }

  /** Each is told to stop, and sends then what it has recorded: by itself it never would. */
  async stops(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.stops(STOP_WITHIN_MS)))
    this.receiver.stops()
    rmSync(this.folder, { recursive: true, force: true })
  }

  private get traces() {
    return { OTEL_EXPORTER_OTLP_ENDPOINT: this.receiver.address, OTEL_BSP_SCHEDULE_DELAY: '3600000' }
  }

  private authServer(): Server {
    const port = Number(new URL(this.issuer).port)
    const seed = join(this.folder, 'seed.json')
    writeFileSync(seed, JSON.stringify(this.seed))
    return new Server({
      name: 'auth-traced',
      folder: 'apps/auth',
      args: ['dist/server/main.js'],
      port,
      readyAt: '/healthz',
      env: {
        PORT: String(port),
        ISSUER: this.issuer,
        DATABASE_URL: `file:${join(this.folder, 'auth.db')}`,
        AUTH_SECRET: this.secrets.auth,
        SEED_FILE: seed,
        ...this.traces,
      },
    })
  }

  private alderServer(): Server {
    const port = Number(new URL(this.alder).port)
    return new Server({
      name: 'alder-traced',
      folder: 'apps/site-a',
      args: ['node_modules/next/dist/bin/next', 'start', '-H', '127.0.0.1', '-p', String(port)],
      port,
      readyAt: '/api/me',
      env: {
        PORT: String(port),
        SITE_URL: this.alder,
        ISSUER: this.issuer,
        ISSUER_INTERNAL_URL: this.issuer.replace('auth.localhost', '127.0.0.1'),
        CLIENT_ID: 'alder',
        CLIENT_SECRET: this.secrets.client,
        SESSION_SECRET: this.secrets.session,
        BIRCH_URL: 'http://site-b.localhost:9',
        BIRCH_INTERNAL_URL: 'http://127.0.0.1:9',
        ...this.traces,
      },
    })
  }

  private get seed() {
    return {
      clients: [
        {
          client_id: 'alder',
          client_name: 'Alder',
          client_secret: this.secrets.client,
          redirect_uris: [`${this.alder}/sso/callback`],
          post_logout_redirect_uris: [`${this.alder}/sso/logged-out`],
          backchannel_logout_uri: `${this.alder}/sso/backchannel-logout`,
          scope: 'openid profile email offline_access notes',
          resources: [this.alder],
          first_party: true,
          claims_in_id_token: true,
        },
      ],
      accounts: [{ email: this.email, password: this.password, claims: { sub: 'alice', name: 'Alice' } }],
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port was given')
  return address.port
}
