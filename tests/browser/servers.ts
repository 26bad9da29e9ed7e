import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type AddedSite, addedSites } from './added-sites.ts'
import { type Environment, root, Server } from './processes.ts'

export const ISSUER = 'http://auth.localhost:4000'
export const ALDER = 'http://site-a.localhost:4001'
export const BIRCH = 'http://site-b.localhost:4002'
/** examples/static-spa, which some stories start. */
export const CATKIN = 'http://spa.localhost:4100'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const secret = () => randomBytes(36).toString('base64url')

/** How a site's process differs from the ordinary one. */
export interface Variation {
  name?: string
  port?: number
  /** Where this process finds auth. */
  issuerInternalUrl?: string
  /** Where a process of Alder finds Birch. */
  birchInternalUrl?: string
}

/** Auth, both sites and every added one in production mode, with a fresh database and fresh secrets. */
export class Grove {
  readonly auth: Server
  readonly alder: Server
  readonly birch: Server
  private readonly added = addedSites().map((site) => ({ site, clientSecret: secret() }))
  private readonly addedServers: readonly Server[]
  /** The secret of the third client, which cedar.json registers. */
  readonly cedarSecret = secret()
  private readonly folder = mkdtempSync(join(tmpdir(), 'grove-stories-'))
  private readonly clientSecrets = { alder: secret(), birch: secret() }
  private readonly sessionSecrets = { alder: secret(), birch: secret() }

  constructor() {
    this.auth = new Server({
      name: 'auth',
      folder: 'apps/auth',
      args: ['dist/server/main.js'],
      port: 4000,
      readyAt: '/healthz',
      env: {
        PORT: '4000',
        ISSUER,
        DATABASE_URL: `file:${join(this.folder, 'auth.db')}`,
        AUTH_SECRET: secret(),
        SEED_FILE: [
          ...['apps/auth/prisma/seed.json', 'examples/seed.json'].map((file) => join(root, file)),
          ...['cedar.json', 'maple.json'].map(here),
          ...this.added.map(({ site }) => site.registration),
        ].join(','),
        ...Object.fromEntries(this.added.map(({ site, clientSecret }) => [site.secretName, clientSecret])),
        ALDER_CLIENT_SECRET: this.clientSecrets.alder,
        BIRCH_CLIENT_SECRET: this.clientSecrets.birch,
        CEDAR_CLIENT_SECRET: this.cedarSecret,
        REGISTRATION: 'on',
      },
    })
    this.alder = this.alderWith({})
    this.birch = this.birchWith({})
    this.addedServers = this.added.map(({ site, clientSecret }) => addedServer(site, clientSecret))
  }

  /** @param clockAheadSeconds for all alike: below zero they live in the past, and time passes when they start anew */
  async starts(clockAheadSeconds = 0): Promise<void> {
    await Promise.all(this.servers.map((server) => server.starts(clockAheadSeconds)))
  }

  async stops(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.stops()))
  }

  /** The same database and the same secrets, at another time. */
  async startsAnew(clockAheadSeconds = 0): Promise<void> {
    await this.stops()
    await this.starts(clockAheadSeconds)
  }

  removesItsFiles(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** What an operator does at the machine of auth: `account:claims`. */
  async changesClaims(email: string, change: Record<string, unknown>): Promise<void> {
    await this.auth.runs(['--import', 'tsx', 'src/account-claims.ts', email, JSON.stringify(change)])
  }

  private get servers(): Server[] {
    return [this.auth, this.alder, this.birch, ...this.addedServers]
  }

  /** One more process of Alder: the same site, the same secrets. */
  alderWith({
    name = 'alder',
    port = 4001,
    birchInternalUrl = 'http://127.0.0.1:4002',
    ...more
  }: Variation): Server {
    return siteServer({ name, port, ...more }, 'apps/site-a', {
      SITE_URL: ALDER,
      CLIENT_ID: 'alder',
      CLIENT_SECRET: this.clientSecrets.alder,
      SESSION_SECRET: this.sessionSecrets.alder,
      BIRCH_URL: BIRCH,
      BIRCH_INTERNAL_URL: birchInternalUrl,
    })
  }

  /** One more process of Birch: the same site, the same secrets, the same notes. */
  birchWith({ name = 'birch', port = 4002, ...more }: Variation): Server {
    return siteServer({ name, port, ...more }, 'apps/site-b', {
      SITE_URL: BIRCH,
      CLIENT_ID: 'birch',
      CLIENT_SECRET: this.clientSecrets.birch,
      SESSION_SECRET: this.sessionSecrets.birch,
      ALDER_URL: ALDER,
      NOTES_FILE: join(this.folder, 'notes.json'),
    })
  }
}

function addedServer({ clientId, address, port, folder }: AddedSite, clientSecret: string) {
  return siteServer({ name: clientId, port }, folder, {
    SITE_URL: address,
    CLIENT_ID: clientId,
    CLIENT_SECRET: clientSecret,
    SESSION_SECRET: secret(),
  })
}

function siteServer(variation: Variation & { name: string; port: number }, folder: string, env: Environment) {
  const { name, port, issuerInternalUrl = 'http://127.0.0.1:4000' } = variation
  return new Server({
    name,
    folder,
    args: ['node_modules/next/dist/bin/next', 'start', '-H', '127.0.0.1', '-p', String(port)],
    port,
    readyAt: '/api/me',
    env: {
      PORT: String(port),
      ISSUER,
      ISSUER_INTERNAL_URL: issuerInternalUrl,
      ALLOWED_ORIGINS: CATKIN,
      ...env,
    },
  })
}
