import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import { Copy, type Said } from './copy.ts'
import { freePort, type Neighbour } from './neighbours.ts'

export type Settings = Record<string, string | number | undefined>

/** The apps of a copy that is well, each at a port of its own; a test breaks one thing. */
export class Patient {
  readonly copy = new Copy()
  readonly auth: Settings
  readonly alder: Settings
  readonly birch: Settings
  private readonly neighbours: Neighbour[] = []

  constructor([authPort, alderPort, birchPort]: readonly number[]) {
    const secret = (name: string) => `development-${name}`.padEnd(48, '.')
    this.auth = {
      PORT: authPort,
      AUTH_SECRET: secret('auth'),
      ALDER_CLIENT_SECRET: secret('alder'),
      BIRCH_CLIENT_SECRET: secret('birch'),
    }
    const internal = `http://127.0.0.1:${authPort}`
    this.alder = { PORT: alderPort, ISSUER_INTERNAL_URL: internal, CLIENT_SECRET: secret('alder') }
    this.birch = { PORT: birchPort, ISSUER_INTERNAL_URL: internal, CLIENT_SECRET: secret('birch') }
    this.alder.SESSION_SECRET = secret('alder-session')
    this.birch.SESSION_SECRET = secret('birch-session')
  }

  /** Somebody who listens until the test is over. @returns its port */
  async has(neighbour: Promise<Neighbour>): Promise<number> {
    const { port } = await neighbour
    this.neighbours.push(await neighbour)
    return port
  }

  /** What the doctor says to these settings. */
  async sees(env: Record<string, string> = {}, words: readonly string[] = []): Promise<Said> {
    const files = { 'apps/auth': this.auth, 'apps/site-a': this.alder, 'apps/site-b': this.birch }
    for (const [folder, settings] of Object.entries(files))
      this.copy.write(`${folder}/.env.local`, textOf(settings))
    // Any program that starts will do for a browser here: it is asked for its version.
    return await this.copy.run(['tools/doctor.mjs', ...words], { CHROMIUM_PATH: process.execPath, ...env })
  }

  /** Code that runs in the doctor's process first, to make it another machine. */
  on(machine: string): Record<string, string> {
    this.copy.write('machine.mjs', machine)
    return { NODE_OPTIONS: `--import ${join(this.copy.root, 'machine.mjs')}` }
  }

  async leaves(): Promise<void> {
    for (const { closes } of this.neighbours) await closes()
    this.copy.remove()
  }
}

export const textOf = (settings: Settings) =>
  Object.entries(settings)
    .map(([name, value]) => `${name}=${value ?? ''}\n`)
    .join('')

/** A new patient for each test, which is gone after it. */
export function patients(): () => Patient {
  let patient: Patient
  beforeEach(async () => {
    patient = new Patient([await freePort(), await freePort(), await freePort()])
  })
  afterEach(() => patient.leaves())
  return () => patient
}

/** Names resolve as the table says, others not at all. */
export const resolver = (table: Record<string, string>, platform: string = process.platform) => `
  import { promises } from 'node:dns'
  import { syncBuiltinESMExports } from 'node:module'
  const table = ${JSON.stringify(table)}
  promises.lookup = async (host) => {
    if (!table[host]) throw new Error('ENOTFOUND')
    return [{ address: table[host], family: 4 }]
  }
  syncBuiltinESMExports()
  Object.defineProperty(process, 'platform', { value: ${JSON.stringify(platform)} })
`
