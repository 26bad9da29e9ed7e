#!/usr/bin/env node
// The Prisma command line as it is, except that nothing is downloaded: its native schema engine is replaced by the
// WebAssembly build that npm has (schema-engine.mjs). Windows cannot start a script as a program, so Prisma fetches its own there.
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const tools = dirname(fileURLToPath(import.meta.url))
const manifest = createRequire(import.meta.url).resolve('prisma/package.json')
const engine =
  process.platform === 'win32' ? {} : { PRISMA_SCHEMA_ENGINE_BINARY: join(tools, 'schema-engine.mjs') }

const { status } = spawnSync(
  process.execPath,
  [join(dirname(manifest), 'build', 'index.js'), ...process.argv.slice(2)],
  {
    cwd: join(tools, '..'),
    stdio: 'inherit',
    env: { CHECKPOINT_DISABLE: '1', PRISMA_HIDE_UPDATE_MESSAGE: '1', ...engine, ...process.env },
  },
)
process.exit(status ?? 1)
