// `pnpm verify`, which is also `npm test`: everything that has to hold, what is quickest to know first.
//   pnpm verify --only=lint,types     only these steps
import './check-node.mjs'
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brokenRules } from './boundaries.mjs'
import { findBrowser, noBrowser } from './browser.mjs'
import { isTaken } from './processes.mjs'
import { sitesOf } from './sites.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const env = {
  ...process.env,
  NEXT_TELEMETRY_DISABLED: '1',
  TURBO_TELEMETRY_DISABLED: '1',
  TURBO_NO_UPDATE_NOTIFIER: '1',
  DO_NOT_TRACK: '1',
}

const steps = [
  { name: 'lint', title: 'Lint and format', fix: 'pnpm format repairs most of it', run: lint },
  { name: 'types', title: 'Types', fix: 'see the first error above', run: types },
  { name: 'boundaries', title: 'Boundaries', fix: 'ARCHITECTURE.md has the import rule', run: boundaries },
  { name: 'tests', title: 'Rules and flows', fix: 'see the failed tests above', run: tests },
  {
    name: 'stories',
    title: 'Browser stories',
    fix: 'traces are in tests/browser/test-results',
    run: stories,
  },
]

/** @typedef {{ passed: number, failed: number, skipped: number }} Count */
const total = { passed: 0, failed: 0, skipped: 0 }

const only = process.argv
  .find((word) => word.startsWith('--only='))
  ?.slice('--only='.length)
  .split(',')
const unknown = only?.find((name) => !steps.some((step) => step.name === name))
if (unknown) {
  console.error(`There is no step "${unknown}": the steps are ${steps.map((step) => step.name).join(', ')}.`)
  process.exit(2)
}

for (const { name, title, fix, run } of steps) {
  if (only && !only.includes(name)) continue
  console.log(`\n── ${title} ${'─'.repeat(60 - title.length)}\n`)
  const startedAt = Date.now()
  const count = await run()
  for (const key of Object.keys(total)) total[key] += count[key]
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1)
  console.log(`\n${title}: ${count.failed ? 'failed' : 'passed'} in ${seconds} s`)
  if (!count.failed) continue
  console.error(`\nStopped at "${title}": ${fix}. Run this step alone with: pnpm verify --only=${name}`)
  break
}
const skipped = total.skipped ? `, ${total.skipped} skipped` : ''
console.log(`\n${total.passed} passed, ${total.failed} failed${skipped}`)
process.exit(total.failed ? 1 : 0)

function lint() {
  return one(succeeds('node_modules/.bin/biome', ['check', '.', '--error-on-warnings']))
}

function types() {
  return one(turbo('run', 'typecheck', '--output-logs=errors-only'))
}

function boundaries() {
  const broken = brokenRules()
  for (const sentence of broken) console.error(sentence)
  return one(turbo('boundaries') && broken.length === 0)
}

function tests() {
  const report = 'test-results/vitest.json'
  const places = ['apps', 'packages', 'tests'].flatMap((group) =>
    readdirSync(join(root, group)).map((name) => join(root, group, name, report)),
  )
  for (const place of places) rmSync(place, { force: true })
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  // Some wait for processes that they started: with all suites at once each would wait for the others.
  const atOnce = '--concurrency=5'
  const isGreen = turbo('run', 'test', atOnce, '--continue', '--output-logs=new-only', '--', ...reporters)
  const counts = places.filter(existsSync).map((place) => {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(
      readFileSync(place, 'utf8'),
    )
    return { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests + numTodoTests }
  })
  return sum(counts, isGreen)
}

async function stories() {
  for (const port of [4000, ...sitesOf(root).map((site) => site.port)]) {
    if (!(await isTaken(port))) continue
    console.error(
      `Port ${port} is taken, and the stories start servers of their own there: stop what listens (npm start?).`,
    )
    return one(false)
  }
  const path = findBrowser()
  if (!path) console.error(noBrowser)
  if (!path || !turbo('run', 'build', '--output-logs=errors-only')) return one(false)

  const report = join(root, 'tests/browser/test-results/stories.json')
  rmSync(report, { force: true })
  const isGreen = succeeds('node_modules/.bin/playwright', ['test'], {
    cwd: 'tests/browser',
    CHROMIUM_PATH: path,
  })
  if (!existsSync(report)) return one(false)
  const { expected, unexpected, flaky, skipped } = JSON.parse(readFileSync(report, 'utf8')).stats
  return sum([{ passed: expected, failed: unexpected + flaky, skipped }], isGreen)
}

/** A step without tests of its own counts as one. @returns {Count} */
function one(isGreen) {
  return { passed: isGreen ? 1 : 0, failed: isGreen ? 0 : 1, skipped: 0 }
}

/** A runner that fails although no test did (a file that does not load, say) has failed once. @returns {Count} */
function sum(counts, isGreen) {
  const add = (key) => counts.reduce((all, count) => all + count[key], 0)
  const failed = add('failed')
  return { passed: add('passed'), failed: failed || (isGreen ? 0 : 1), skipped: add('skipped') }
}

function turbo(...args) {
  return succeeds('node_modules/.bin/turbo', args)
}

function succeeds(program, args, { cwd = '.', ...more } = {}) {
  const folder = join(root, cwd)
  const { status } = spawnSync(join(folder, program), args, {
    cwd: folder,
    env: { ...env, ...more },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  return status === 0
}
