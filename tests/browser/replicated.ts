import { createHash, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Postgres } from './postgres.ts'
import { Server } from './processes.ts'
import { Relay } from './relay.ts'
import { type Addresses, Grove } from './servers.ts'

const ADDRESSES: Addresses = {
  issuer: 'https://auth.grove.test',
  alder: 'https://alder.test',
  birch: 'https://birch.test',
}
const NAMES = new URL('names.mjs', import.meta.url).href
const FRONT_PORT = 4443
/** Has a certificate for this name as well, of an authority that nobody trusts. */
export const IMPOSTOR = { name: 'impostor.test', port: 4444 }

/**
 * The shape of production: TLS in front (tools/https/front.mjs), three registrable domains, and behind each name a round robin without
 * stickiness over two processes. Those of auth share a PostgreSQL, those of a site nothing but their settings.
 */
export class ReplicatedGrove extends Grove {
  readonly robins = {
    auth: new Relay({ port: 4400, to: [4410, 4420] }),
    alder: new Relay({ port: 4401, to: [4411, 4421] }),
    birch: new Relay({ port: 4402, to: [4412, 4422] }),
  }
  readonly replicas: { auth: readonly Server[]; alder: readonly Server[]; birch: readonly Server[] } = {
    auth: [],
    alder: [4411, 4421].map((port) => this.alderWith({ name: `alder-${port}`, port })),
    birch: [4412, 4422].map((port) => this.birchWith({ name: `birch-${port}`, port })),
  }
  private readonly postgres = new Postgres()
  private readonly fronts = [
    this.frontWith('front', FRONT_PORT, ['auth.grove.test=4400', 'alder.test=4401', 'birch.test=4402']),
    this.frontWith('impostor', IMPOSTOR.port, [`${IMPOSTOR.name}=4401`]),
  ]

  constructor() {
    super(4400, ADDRESSES)
  }

  override async starts(clockAheadSeconds = 0): Promise<void> {
    const { alder, birch } = this.replicas
    const robins = Object.values(this.robins)
    const before = [...robins, ...this.fronts].map((one) => one.starts())
    const sites = [...alder, ...birch].map((site) => site.starts(clockAheadSeconds))
    const [databaseUrl] = await Promise.all([this.postgres.starts(), ...before])
    // Both at once, on a database in which there is nothing yet.
    this.replicas.auth = [4410, 4420].map((port) => this.replicaOfAuth(port, databaseUrl))
    const auth = this.replicas.auth.map((replica) => replica.starts(clockAheadSeconds))
    await Promise.all([...auth, ...sites])
  }

  override async stops(): Promise<void> {
    const { auth, alder, birch } = this.replicas
    const servers = [...auth, ...alder, ...birch, ...this.fronts, ...Object.values(this.robins)]
    await Promise.all(servers.map((server) => server.stops()))
    await this.postgres.stops()
  }

  override catchesUp(): void {
    for (const server of Object.values(this.replicas).flat()) server.catchesUp()
  }

  /** Names lead to the front, whose key is taken for one of a known authority: every other certificate is judged as ever. */
  override get browserArguments(): readonly string[] {
    const { publicKey } = new X509Certificate(readFileSync(join(this.folder, 'front', 'leaf.pem')))
    const key = createHash('sha256').update(publicKey.export({ type: 'spki', format: 'der' }))
    const rules = [
      `MAP ${IMPOSTOR.name}:443 127.0.0.1:${IMPOSTOR.port}`,
      `MAP *.test:443 127.0.0.1:${FRONT_PORT}`,
    ]
    return [
      `--host-resolver-rules=${rules.join(',')}`,
      `--ignore-certificate-errors-spki-list=${key.digest('base64')}`,
      '--test-third-party-cookie-phaseout',
      // Over HTTP/2 Chromium gives up what is under way whenever a network interface comes or goes, as with every container that starts.
      '--disable-http2',
    ]
  }

  private frontWith(name: string, port: number, behind: readonly string[]): Server {
    const folder = join(this.folder, name)
    const args = ['tools/https/front.mjs', `--certificates=${folder}`, `--port=${port}`, ...behind]
    return new Server({ name, folder: '.', args, port, env: {} })
  }

  /** It tells the sites of a logout over TLS, through the front, and trusts the authority for that. */
  private replicaOfAuth(port: number, databaseUrl: string): Server {
    return this.authWith({
      name: `auth-${port}`,
      port,
      args: ['--import', NAMES],
      env: {
        DATABASE_URL: databaseUrl,
        TRUSTED_PROXIES: '127.0.0.1',
        NODE_EXTRA_CA_CERTS: join(this.folder, 'front', 'authority.pem'),
      },
    })
  }

  protected override moves(): readonly (readonly [from: string, to: string])[] {
    // Node, unlike the browser, is not told at which port the front listens.
    const logouts = ['.test/sso/backchannel-logout', `.test:${FRONT_PORT}/sso/backchannel-logout`] as const
    return [...super.moves(), logouts]
  }
}
