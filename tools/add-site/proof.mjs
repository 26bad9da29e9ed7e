// `pnpm test:add-site`: adds a site to this very tree, type-checks it, builds it, plays its browser story, removes it, and looks
// whether the tree is as before. Takes some minutes, so it is not part of `pnpm verify`.
import '../check-node.mjs'
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findBrowser, noBrowser } from '../browser.mjs'
import { isTaken } from '../processes.mjs'
import { sitesOf } from '../sites.mjs'
import { addSite, removeSite } from './change.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const name = process.argv[2] ?? 'willow'

const chromium = findBrowser()
if (!chromium) fail(noBrowser)
for (const port of [4000, ...sitesOf(root).map((site) => site.port)])
  if (await isTaken(port)) fail(`Port ${port} is taken, and the story starts servers of its own there.`)

const before = tree()
let failed
addSite(root, name, { install: true })
try {
  failed = steps().find(([program, args, cwd = '.']) => !succeeds(program, args, cwd))
} finally {
  removeSite(root, name, { install: true, force: false })
}
const differing = differences(before, tree())
if (failed) fail(`Failed: ${failed.slice(0, 2).flat().join(' ')}`)
if (differing.length > 0) fail(`Not as before: ${differing.join(', ')}`)
console.log(`\n"${name}" was added, type-checked, built, visited and removed, and the tree is as before.`)

function steps() {
  const turbo = 'node_modules/.bin/turbo'
  const site = `--filter=@grove/site-${name}`
  return [
    ['node_modules/.bin/biome', ['check', '.', '--error-on-warnings']],
    [turbo, ['run', 'typecheck', site, '--filter=@grove/browser', '--output-logs=errors-only']],
    [turbo, ['run', 'build', '--output-logs=errors-only']],
    ['node_modules/.bin/playwright', ['test', `site-${name}.spec.ts`, '--retries=0'], 'tests/browser'],
  ]
}

function succeeds(program, args, cwd) {
  const folder = join(root, cwd)
  const env = { ...process.env, CHROMIUM_PATH: chromium, NEXT_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' }
  return spawnSync(join(folder, program), args, { cwd: folder, env, stdio: 'inherit' }).status === 0
}

/** Every file that git would see, and auth's secrets, which it does not. */
function tree() {
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard']
  const { stdout } = spawnSync('git', list, { cwd: root, encoding: 'utf8' })
  const files = [...stdout.split('\0'), 'apps/auth/.env.local'].filter(
    (path) => path && existsSync(join(root, path)),
  )
  const hash = (path) =>
    createHash('sha256')
      .update(readFileSync(join(root, path)))
      .digest('hex')
  return new Map(files.map((path) => [path, hash(path)]))
}

function differences(one, other) {
  return [...new Set([...one.keys(), ...other.keys()])].filter((path) => one.get(path) !== other.get(path))
}

function fail(sentence) {
  console.error(sentence)
  process.exit(1)
}
