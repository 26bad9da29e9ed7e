import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const SOURCE = fileURLToPath(new URL('peers/', import.meta.url))
/** Where node-oidc-provider and better-sqlite3 live, apart from the workspace. */
export const PEERS = fileURLToPath(new URL('../../.peers/', import.meta.url))

/**
 * Puts the peers where they run and installs them there, once: better-sqlite3 may have to be compiled, which takes minutes and a
 * C++ compiler, and nobody but this bench needs it.
 * @throws Error one sentence, when npm cannot install them
 */
export function installPeers(): void {
  const [wanted, present] = [SOURCE, PEERS].map((folder) => textOf(join(folder, 'package.json')))
  mkdirSync(PEERS, { recursive: true })
  writeFileSync(join(PEERS, '.gitignore'), '*\n')
  cpSync(SOURCE, PEERS, { recursive: true })
  if (wanted === present && existsSync(join(PEERS, 'node_modules/.installed'))) return

  console.log(
    'Installing node-oidc-provider and better-sqlite3 into bench/.peers, which may take a few minutes …',
  )
  const { status } = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock'], {
    cwd: PEERS,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const check = 'new (require("better-sqlite3"))(":memory:")'
  if (status !== 0 || spawnSync(process.execPath, ['-e', check], { cwd: PEERS }).status !== 0)
    throw new Error(
      'The peers could not be installed into bench/.peers: npm has to reach its registry, and a C++ compiler, make and Python 3 have to be there if better-sqlite3 has no binary for this machine.',
    )
  writeFileSync(join(PEERS, 'node_modules/.installed'), '')
}

function textOf(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}
