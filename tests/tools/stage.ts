import { readFileSync, symlinkSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { Copy, repository } from './copy.ts'
import { freePort } from './neighbours.ts'
import { resolver } from './patient.ts'

/** What an app was started with, and what it was asked. */
export interface Told {
  env: Record<string, string>
  headers: Record<string, string>
  clients: Record<string, unknown>[]
}

/** An app as far as `pnpm dev` can see it: it listens, and says what it was told. */
const STAND_IN = `
  const { createServer } = require('node:http')
  const { readFileSync } = require('node:fs')
  console.log('it starts')
  createServer(({ url, headers }, response) => {
    if (url === '/end') {
      console.error('the ship is sinking')
      process.exit(3)
    }
    const seeds = (process.env.SEED_FILE ?? '').split(',').map((file) => JSON.parse(readFileSync(file, 'utf8')))
    const clients = seeds.flatMap(({ clients = [] }) => clients)
    response.writeHead(url.endsWith('/me') ? 401 : 200, url.endsWith('/me') ? { 'www-authenticate': 'Bearer' } : {})
    const metadata = { issuer: process.env.ISSUER }
    const told = { env: process.env, headers, clients }
    response.end(JSON.stringify(url.includes('.well-known') ? metadata : told))
  }).listen(PORT, '127.0.0.1')
`

/** A copy in which `pnpm dev` starts stand-ins, each at a port of its own. */
export class Stage {
  readonly copy = new Copy()
  /** The environment of a machine that knows no name, whatever the hosts file of this one says. */
  readonly nowhere: Record<string, string>
  readonly ports: { auth: number; alder: number; birch: number }

  private constructor([auth = 0, alder = 0, birch = 0]: readonly number[]) {
    this.ports = { auth, alder, birch }
    this.copy.write('machine.mjs', resolver({}))
    this.nowhere = { NODE_OPTIONS: `--import ${join(this.copy.root, 'machine.mjs')}` }
    this.copy.has('mkcert')
    this.copy.has('node-forge')
    this.copy.write('examples/seed.json', '{}')
    this.copy.program('node_modules/.bin/turbo', '')
    this.moves('tools/dev/apps.mjs', 'AUTH_PORT = 4000', `AUTH_PORT = ${auth}`)
    for (const [folder, from, to] of [
      ['site-a', '4001', alder],
      ['site-b', '4002', birch],
    ] as const) {
      this.hasSite(`apps/${folder}`)
      this.moves(`apps/${folder}/package.json`, `localhost:${from}`, `localhost:${to}`)
      this.moves('apps/auth/prisma/seed.json', `localhost:${from}`, `localhost:${to}`)
    }
    // Auth is started by Node itself, with the loader for its TypeScript.
    this.copy.write('apps/auth/src/main.ts', STAND_IN.replace('PORT', String(auth)))
    this.copy.write('apps/auth/node_modules/here', '')
    symlinkSync(join(repository, 'node_modules/tsx'), join(this.copy.root, 'apps/auth/node_modules/tsx'))
    this.moves('apps/auth/package.json', '"type": "module",', '')
  }

  static async opens(): Promise<Stage> {
    const ports = [await freePort(), await freePort(), await freePort()]
    return new Stage(ports.sort((one, other) => one - other)) // sites are told in the order of their ports
  }

  /** A stand-in for the command of a site. */
  hasSite(folder: string): void {
    this.copy.program(`${folder}/node_modules/.bin/next.cjs`, STAND_IN.replace('PORT', 'process.argv.at(-1)'))
    symlinkSync('next.cjs', join(this.copy.root, folder, 'node_modules/.bin/next'))
  }

  /** The ports of the stand-ins, for a tool that reads the settings of the apps. */
  tellsPorts(): void {
    const { auth, alder, birch } = this.ports
    const internal = `ISSUER_INTERNAL_URL=http://127.0.0.1:${auth}\n`
    for (const [folder, text] of Object.entries({
      'apps/auth': `PORT=${auth}\n`,
      'apps/site-a': `PORT=${alder}\n${internal}`,
      'apps/site-b': `PORT=${birch}\n${internal}`,
    }))
      this.copy.write(`${folder}/.env.local`, this.copy.read(`${folder}/.env.local`) + text)
  }

  moves(path: string, from: string, to: string): void {
    this.copy.write(path, this.copy.read(path).replaceAll(from, to))
  }

  /** What the app that has this port was told. */
  async asks(port: number, path = '/'): Promise<Told> {
    return (await (await fetch(`http://127.0.0.1:${port}${path}`)).json()) as Told // as: the stand-in wrote it
  }

  /** The same through the front, by name, and with nobody trusted but the authority of this copy. */
  asksByName(name: string, port: number): Promise<Told> {
    const ca = readFileSync(join(this.copy.root, '.data/https/authority.pem'))
    const headers = { host: `${name}:${port}` }
    return new Promise((resolve, reject) => {
      request({ host: '127.0.0.1', port, servername: name, ca, headers }, async (answer) =>
        resolve(JSON.parse(await text(answer))),
      )
        .once('error', reject)
        .end()
    })
  }
}
