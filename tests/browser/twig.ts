import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { root } from './processes.ts'

/** One run of examples/cli, as somebody types it into a terminal without a browser. */
export interface Run {
  /** What it asks to be opened in a browser. */
  address: Promise<string>
  /** Once it has ended. */
  ended: Promise<{ code: number | null; said: string; printed: string }>
}

export function runTwig(...args: string[]): Run {
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(process.execPath, ['--import', 'tsx', 'main.ts', '--no-open', ...args], {
    cwd: join(root, 'examples/cli'),
    env: { PATH, HOME },
    timeout: 40_000,
  })
  let [said, printed] = ['', '']
  const ended = new Promise<{ code: number | null; said: string; printed: string }>((resolve) => {
    child.once('close', (code) => resolve({ code, said, printed }))
  })
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text
  })
  const address = new Promise<string>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text
      const [found] = /http:\/\/auth\.localhost\S+(?=\s)/.exec(said) ?? []
      if (found) resolve(found)
    })
    void ended.then(() => reject(new Error(`it ended without asking anybody to sign in: ${said}`)))
  })
  return { address, ended }
}
