import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { root } from './processes.ts'

interface Answer {
  id: number
  result?: string
  reason?: string
}

/** A PostgreSQL of a story's own. It ends with this process, however that ends. */
export class Postgres {
  private child: ChildProcess | undefined

  /** @returns the URL of an empty database */
  async starts(): Promise<string> {
    const program = join(root, 'apps/auth/tools/postgres-server.mjs')
    const child = fork(program, { execArgv: [], stdio: 'ignore' })
    this.child = child
    await this.answer()
    child.send({ id: 1, verb: 'createDatabase', args: ['stories'] })
    return await this.answer()
  }

  async stops(): Promise<void> {
    const { child } = this
    if (!child?.connected) return
    const ended = once(child, 'exit')
    child.disconnect()
    await ended
  }

  private async answer(): Promise<string> {
    const { child } = this
    if (!child) throw new Error('PostgreSQL was not started.')
    const [{ result = '', reason }] = (await once(child, 'message')) as [Answer] // as: what the program sends
    if (reason !== undefined) throw new Error(`PostgreSQL cannot run: ${reason}`)
    return result
  }
}
