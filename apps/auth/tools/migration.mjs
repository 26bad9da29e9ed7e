#!/usr/bin/env node
// `pnpm --filter @grove/auth migration what_changes`: writes what leads from the newest migrations to the models, for both databases.
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const MODELS = join(root, 'prisma/models.prisma')
// No server is asked for PostgreSQL's side: it is compared with the models as they were when its newest migration was written.
const MIGRATED_MODELS = join(root, 'prisma/postgresql/migrations/models.txt')

const SIDES = {
  sqlite: () => ['--from-migrations', 'prisma/sqlite/migrations'],
  postgresql: () => ['--from-schema', migratedSchema()],
}
const URLS = { sqlite: 'file:./unused.db', postgresql: 'postgres://unused' }

const scratch = mkdtempSync(join(tmpdir(), 'migration-'))
process.once('exit', () => rmSync(scratch, { recursive: true }))

const [what] = process.argv.slice(2)
if (what === '--check') check()
else if (/^[a-z0-9_]+$/.test(what ?? '')) write(what)
else stop('Say in a few words what changes: pnpm --filter @grove/auth migration grants_have_a_color')

function write(what) {
  const folder = folderFor(what)
  for (const [engine, script] of differences()) {
    const path = `prisma/${engine}/migrations/${folder}`
    if (existsSync(join(root, path))) stop(`${path} is there already.`)
    mkdirSync(join(root, path))
    writeFileSync(join(root, path, 'migration.sql'), script)
    console.log(`Wrote ${path}/migration.sql: read it, for nobody else has.`)
  }
  copyFileSync(MODELS, MIGRATED_MODELS)
}

function check() {
  const behind = differences().map(([engine]) => engine)
  if (behind.length > 0) stop(`The migrations for ${behind.join(' and ')} do not lead to the models.`)
}

/** One name in both histories, also where one of them has it already. */
function folderFor(what) {
  const known = Object.keys(SIDES).flatMap((engine) => readdirSync(join(root, `prisma/${engine}/migrations`)))
  const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14)
  return known.find((name) => name.slice(15) === what) ?? `${stamp}_${what}`
}

function differences() {
  return Object.keys(SIDES).flatMap((engine) => {
    const args = [...SIDES[engine](), '--to-schema', `prisma/${engine}`, '--script']
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['tools/prisma.mjs', 'migrate', 'diff', ...args],
      { cwd: root, encoding: 'utf8', env: { ...process.env, DATABASE_URL: URLS[engine] } },
    )
    if (status !== 0) stop(stderr)
    // Whoever may use a database need not be allowed to make schemas in it; this one is always there.
    const script = stdout.replace('-- CreateSchema\nCREATE SCHEMA IF NOT EXISTS "public";\n\n', '')
    return /^\s*(--.*\s*)*$/.test(script) ? [] : [[engine, script]]
  })
}

function migratedSchema() {
  copyFileSync(join(root, 'prisma/postgresql/schema.prisma'), join(scratch, 'schema.prisma'))
  copyFileSync(MIGRATED_MODELS, join(scratch, 'models.prisma'))
  return scratch
}

function stop(sentence) {
  console.error(sentence)
  process.exit(1)
}
