import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type AddedSite, addedSites } from './added-sites.ts'
import { type Environment, root, Server } from './processes.ts'

/** Where `npm start` has auth, Alder and Birch, one port after the other. Several houses may stand side by side. */
const PORTS_FROM = 4000
export const { issuer: ISSUER, alder: ALDER, birch: BIRCH } = addressesFrom(PORTS_FROM)
/** examples/static-spa, which some stories start. */
export const CATKIN = 'http://spa.localhost:4100'

/** Where people find the three. */
export interface Addresses {
  issuer: string
  alder: string
  birch: string
}

function addressesFrom(port: number): Addresses {
  return {
    issuer: `http://auth.localhost:${port}`,
    alder: `http://site-a.localhost:${port + 1}`,
    birch: `http://site-b.localhost:${port + 2}`,
  }
}

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const secret = () => randomBytes(36).toString('base64url')

/** How a process differs from the ordinary one. */
export interface Variation {
  name?: string
  port?: number
  /** Where a process of a site finds auth. */
  issuerInternalUrl?: string
  /** Where a process of Alder finds Birch. */
  birchInternalUrl?: string
}

/** How a process of auth differs from the ordinary one. */
export interface AuthVariation {
  name?: string
  port?: number
  args?: readonly string[]
  env?: Environment
}

/** Auth, both sites and every added one in production mode, with a fresh database and fresh secrets. */
export class Grove {
  readonly addresses: Addresses
  /** Auth is at this port, or what stands before it; Alder at the next, and then Birch. */
  readonly portsFrom: number
  readonly auth: Server
  readonly alder: Server
  readonly birch: Server
  private readonly added: readonly { site: AddedSite; clientSecret: string }[]
  private readonly addedServers: readonly Server[]
  /** The secret of the third client, which cedar.json registers. */
  readonly cedarSecret = secret()
  protected readonly folder = mkdtempSync(join(tmpdir(), 'grove-stories-'))
  private readonly authSecret = secret()
  private readonly clientSecrets = { alder: secret(), birch: secret() }
  private readonly sessionSecrets = { alder: secret(), birch: secret() }

  constructor(portsFrom: number = PORTS_FROM, addresses: Addresses = addressesFrom(portsFrom)) {
    this.portsFrom = portsFrom
    this.addresses = addresses
    // An added site is registered where `npm start` has it.
    const added = portsFrom === PORTS_FROM ? addedSites() : []
    this.added = added.map((site) => ({ site, clientSecret: secret() }))
    this.auth = this.authWith({})
    this.alder = this.alderWith({})
    this.birch = this.birchWith({})
    this.addedServers = this.added.map(({ site, clientSecret }) => addedServer(site, clientSecret))
  }

  /** What Chromium has to be told to find them. */
  get browserArguments(): readonly string[] {
    return []
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

  /** Whoever was started in the past has our time from now on. */
  catchesUp(): void {
    for (const server of this.servers) server.catchesUp()
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

  /** One more process of auth: the same secrets, and the same database unless another is named. */
  authWith({ name = 'auth', port = this.portsFrom, args = [], env = {} }: AuthVariation): Server {
    return new Server({
      name,
      folder: 'apps/auth',
      args: [...args, 'dist/server/main.js'],
      port,
      readyAt: '/healthz',
      env: {
        PORT: String(port),
        ISSUER: this.addresses.issuer,
        DATABASE_URL: `file:${join(this.folder, 'auth.db')}`,
        AUTH_SECRET: this.authSecret,
        SEED_FILE: [...this.seeds(), ...this.added.map(({ site }) => site.registration)].join(','),
        ...Object.fromEntries(this.added.map(({ site, clientSecret }) => [site.secretName, clientSecret])),
        ALDER_CLIENT_SECRET: this.clientSecrets.alder,
        BIRCH_CLIENT_SECRET: this.clientSecrets.birch,
        CEDAR_CLIENT_SECRET: this.cedarSecret,
        REGISTRATION: 'on',
        ...env,
      },
    })
  }

  /** One more process of Alder: the same site, the same secrets. */
  alderWith({
    name = 'alder',
    port = this.portsFrom + 1,
    birchInternalUrl = `http://127.0.0.1:${this.portsFrom + 2}`,
    ...more
  }: Variation): Server {
    return siteServer({ ...this.internal, name, port, ...more }, 'apps/site-a', {
      ISSUER: this.addresses.issuer,
      SITE_URL: this.addresses.alder,
      CLIENT_ID: 'alder',
      CLIENT_SECRET: this.clientSecrets.alder,
      SESSION_SECRET: this.sessionSecrets.alder,
      BIRCH_URL: this.addresses.birch,
      BIRCH_INTERNAL_URL: birchInternalUrl,
    })
  }

  /** One more process of Birch: the same site, the same secrets, the same notes. */
  birchWith({ name = 'birch', port = this.portsFrom + 2, ...more }: Variation): Server {
    return siteServer({ ...this.internal, name, port, ...more }, 'apps/site-b', {
      ISSUER: this.addresses.issuer,
      SITE_URL: this.addresses.birch,
      CLIENT_ID: 'birch',
      CLIENT_SECRET: this.clientSecrets.birch,
      SESSION_SECRET: this.sessionSecrets.birch,
      ALDER_URL: this.addresses.alder,
      NOTES_FILE: join(this.folder, 'notes.json'),
    })
  }

  private get internal() {
    return { issuerInternalUrl: `http://127.0.0.1:${this.portsFrom}` }
  }

  /** What stands in seeds, and what stands there in this house. */
  protected moves(): readonly (readonly [from: string, to: string])[] {
    const { issuer, alder, birch } = this.addresses
    return [
      [ISSUER, issuer],
      [ALDER, alder],
      [BIRCH, birch],
    ]
  }

  /** Clients and accounts, as files of this house. */
  private seeds(): string[] {
    const files = {
      'sites.json': join(root, 'apps/auth/prisma/seed.json'),
      'examples.json': join(root, 'examples/seed.json'),
      'cedar.json': here('cedar.json'),
      'maple.json': here('maple.json'),
    }
    return Object.entries(files).map(([name, file]) => {
      const seed = this.moves().reduce(
        (text, [from, to]) => text.replaceAll(from, to),
        readFileSync(file, 'utf8'),
      )
      writeFileSync(join(this.folder, name), seed)
      return join(this.folder, name)
    })
  }
}

function addedServer({ clientId, address, port, folder }: AddedSite, clientSecret: string) {
  const issuerInternalUrl = `http://127.0.0.1:${PORTS_FROM}`
  return siteServer({ name: clientId, port, issuerInternalUrl }, folder, {
    ISSUER,
    SITE_URL: address,
    CLIENT_ID: clientId,
    CLIENT_SECRET: clientSecret,
    SESSION_SECRET: secret(),
  })
}

function siteServer(
  { name, port, issuerInternalUrl }: Variation & { name: string; port: number; issuerInternalUrl: string },
  folder: string,
  env: Environment,
) {
  return new Server({
    name,
    folder,
    args: ['node_modules/next/dist/bin/next', 'start', '-H', '127.0.0.1', '-p', String(port)],
    port,
    readyAt: '/api/me',
    env: {
      PORT: String(port),
      ISSUER_INTERNAL_URL: issuerInternalUrl,
      ALLOWED_ORIGINS: CATKIN,
      ...env,
    },
  })
}
