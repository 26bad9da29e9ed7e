import { execFile } from 'node:child_process'

/**
 * @typedef {object} Said
 * @property {number} code the exit code
 * @property {string} text standard output
 * @property {string} all standard output and standard error
 */

/** One start of docker-compose.yml, and what the engine below it says of it: Docker Compose and podman-compose alike. */
export class Engine {
  /** @param {string[]} words `docker compose`, or `podman-compose` @param {{ project: string, folder: string, env: NodeJS.ProcessEnv }} place */
  constructor(words, { project, folder, env }) {
    this.words = words
    this.program = words[0].startsWith('podman') ? 'podman' : 'docker'
    this.project = project
    this.folder = folder
    this.env = env
  }

  /** @returns {Promise<Said>} */
  compose(...args) {
    const [program, ...words] = this.words
    return this.#run(program, [...words, '-p', this.project, ...args])
  }

  /** The engine itself. @returns {Promise<Said>} */
  engine(...args) {
    return this.#run(this.program, args)
  }

  /** @throws Error with what it said, when it fails */
  async must(said) {
    const { code, text, all } = await said
    if (code !== 0) throw new Error(`exit code ${code}: ${all.trim().slice(-2000)}`)
    return text.trim()
  }

  /** The container of a service, running or stopped. */
  async container(service) {
    const labels = { project: this.project, service }
    const filters = Object.entries(labels).flatMap(([name, value]) => [
      '--filter',
      `label=com.docker.compose.${name}=${value}`,
    ])
    const id = await this.must(this.engine('ps', '-aq', '--no-trunc', ...filters))
    if (!/^\w+$/.test(id)) throw new Error(`${service} is not one container: "${id}"`)
    return id
  }

  /** Runs a program in the container of a service, as its own user. @returns {Promise<Said>} */
  async exec(service, ...command) {
    return this.engine('exec', await this.container(service), ...command)
  }

  async inspect(service) {
    const [found] = JSON.parse(await this.must(this.engine('inspect', await this.container(service))))
    return found
  }

  /** Whether the health check of the file says that it is well. Debian's podman has no timer for it: it is asked to look. */
  async isWell(service) {
    if (this.program === 'podman')
      return (await this.engine('healthcheck', 'run', await this.container(service))).code === 0
    return (await this.inspect(service)).State.Health?.Status === 'healthy'
  }

  async logs(service) {
    return (await this.engine('logs', await this.container(service))).all
  }

  /** Stops the service as the file says. @returns {Promise<{ seconds: number, code: number }>} how long that took, and its exit code */
  async stops(service) {
    const startedAt = performance.now()
    await this.must(this.compose('stop', service))
    const seconds = (performance.now() - startedAt) / 1000
    return { seconds, code: (await this.inspect(service)).State.ExitCode }
  }

  /** Containers, networks, volumes and the images that were built for it. */
  async removes(images) {
    await this.compose('down', '-v', '-t', '10')
    const own = `label=com.docker.compose.project=${this.project}`
    const networks = (await this.engine('network', 'ls', '-q', '--filter', own)).text
      .split(/\s+/)
      .filter(Boolean)
    if (networks.length > 0) await this.engine('network', 'rm', ...networks)
    await this.engine('rmi', ...images)
    const left = await this.must(this.engine('ps', '-aq', '--filter', own))
    if (left) throw new Error(`These containers are still there: ${left}`)
  }

  #run(program, args) {
    return new Promise((resolve, reject) => {
      const options = { cwd: this.folder, env: this.env, maxBuffer: 64 * 1024 * 1024 }
      execFile(program, args, options, (error, stdout, stderr) => {
        if (error && typeof error.code !== 'number') return reject(error)
        resolve({ code: error ? error.code : 0, text: stdout, all: stdout + stderr })
      })
    })
  }
}
