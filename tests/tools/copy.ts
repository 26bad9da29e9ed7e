import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const repository = fileURLToPath(new URL('../..', import.meta.url))

/** What the tools read; the rest of the repository is not needed to try them. */
const PARTS = [
  ...['package.json', 'pnpm-lock.yaml', 'biome.json', '.gitignore', 'tools'],
  ...['apps/site-a', 'apps/site-b', 'apps/auth/package.json', 'apps/auth/prisma/seed.json', 'tests/browser'],
]
const MADE =
  /(^|\/)(node_modules|\.next|\.turbo|test-results|playwright-report|\.data|\.env\.local|next-env\.d\.ts)$/

export interface Said {
  code: number | null
  /** Standard output and standard error, as they came. */
  text: string
}

/** A tool that runs. */
export interface Started {
  /** Resolves with all it has said so far, once these words are in it. */
  says(words: string): Promise<string>
  stops(signal?: NodeJS.Signals): Promise<Said>
  ended: Promise<Said>
}

/** A copy of the repository in a folder of its own, where the tools can be tried and things be broken. */
export class Copy {
  readonly root = mkdtempSync(join(tmpdir(), 'grove-tools-'))

  constructor() {
    for (const part of PARTS)
      cpSync(join(repository, part), join(this.root, part), {
        recursive: true,
        filter: (path) => !MADE.test(path),
      })
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), 'utf8')
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true })
    writeFileSync(join(this.root, path), text)
  }

  remove(path = '.'): void {
    rmSync(join(this.root, path), { recursive: true })
  }

  /** A package from the root of the repository, for tools that cannot do without it. */
  has(name: string): void {
    mkdirSync(join(this.root, 'node_modules'), { recursive: true })
    symlinkSync(join(repository, 'node_modules', name), join(this.root, 'node_modules', name))
  }

  /** A program at a path, to be run by its name. */
  program(path: string, text: string): void {
    this.write(path, `#!/usr/bin/env node\n${text}`)
    chmodSync(join(this.root, path), 0o755)
  }

  /** Runs a tool as a person would: by Node, in the root. Nothing of our own environment but the path comes along. */
  run(args: readonly string[], env: Record<string, string> = {}): Promise<Said> {
    return this.start(args, env).ended
  }

  /** The same with a tool that goes on until it is stopped. */
  start(args: readonly string[], env: Record<string, string> = {}): Started {
    const { PATH = '' } = process.env
    const child = spawn(process.execPath, args, { cwd: this.root, env: { PATH, HOME: this.root, ...env } })
    let text = ''
    const hearing = new Set<() => void>()
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (piece: string) => {
        text += piece
        for (const hear of hearing) hear()
      })
    const ended = new Promise<Said>((resolve) => child.once('close', (code) => resolve({ code, text })))
    const says = (words: string) =>
      new Promise<string>((resolve, reject) => {
        const hear = () => text.includes(words) && resolve(text)
        hearing.add(hear)
        hear()
        void ended.then(() => reject(new Error(`It ended before it said "${words}": ${text}`)))
      })
    const stops = (signal: NodeJS.Signals = 'SIGTERM') => {
      child.kill(signal)
      return ended
    }
    return { says, stops, ended }
  }

  /** Every folder, and every file with a hash of what is in it: two that are equal say that nothing was changed. */
  tree(folder = '.'): Record<string, string> {
    const entries = readdirSync(join(this.root, folder), { withFileTypes: true })
    return Object.assign(
      {},
      ...entries.map((entry) => {
        const path = join(folder, entry.name)
        if (entry.isDirectory()) return { [path]: 'folder', ...this.tree(path) }
        const hash = createHash('sha256').update(readFileSync(join(this.root, path)))
        return { [path]: hash.digest('hex') }
      }),
    )
  }
}
