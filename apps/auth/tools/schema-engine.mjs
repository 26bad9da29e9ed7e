#!/usr/bin/env node
// Speaks what Prisma's command line expects of its native schema engine: one JSON-RPC message a line, in and out.
import { mkdir, readFile, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { driverFor, isPostgres, nowhere, startHistory } from './driver.mjs'
import { openEngine } from './engine.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  strict: false,
  options: { datamodels: { type: 'string', multiple: true }, datasource: { type: 'string' } },
})

// `cli can-connect-to-database`, `cli create-database`: opening a file does both.
if (positionals[0] === 'cli') process.exit(0)

const IN_MEMORY = 'file::memory:'
const { url = IN_MEMORY } = JSON.parse(values.datasource ?? '{}')
const file = url.replace(/^file:(\/\/)?/, '')
const models =
  values.datamodels &&
  (await Promise.all(values.datamodels.map(async (path) => [path, await readFile(path, 'utf8')])))
if (!isPostgres(url)) await mkdir(dirname(file), { recursive: true })

async function answer(method, params) {
  if (method === 'reset') return removeDatabase()
  if (method === 'getDatabaseVersion') return run('version', params)
  try {
    return await run(method, params)
  } catch (error) {
    if (!error.message.includes('_prisma_migrations')) throw error
    await startHistory(url)
    return run(method, params)
  }
}

async function run(method, params) {
  const engine = await openEngine(await driverOf(method, params), models)
  // These two compare with the history, which only this call replays into the shadow database.
  if (method === 'evaluateDataLoss' || method === 'createMigration') await engine.devDiagnostic(params)
  return (await engine[method](params)) ?? {}
}

/** Opening a file makes it, and to compare migrations with models is no reason to; nor is it one to have a server at hand. */
async function driverOf(method, { from, to }) {
  const sides = method === 'diff' ? [from.tag, to.tag] : []
  if (sides.length > 0 && sides.every((tag) => tag === 'empty' || tag === 'schemaDatamodel'))
    return nowhere(url)
  const isAbout = (tag) => tag === 'url' || tag === 'schemaDatasource'
  return driverFor(sides.length === 0 || sides.some(isAbout) || isPostgres(url) ? url : IN_MEMORY)
}

async function removeDatabase() {
  if (isPostgres(url)) throw new Error('Drop the database, and create it again.')
  for (const suffix of ['', '-wal', '-shm']) await rm(file + suffix, { force: true })
  return {}
}

function send(message) {
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
}

for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line)
  if (method === undefined) continue // the command line's answer to `print`
  try {
    const result = await answer(method, params)
    if (method === 'diff' && result.stdout)
      send({ id: 0, method: 'print', params: { content: result.stdout } })
    send({ id, result })
  } catch ({ message, code }) {
    send({ id, error: { code: 4466, message, data: { is_panic: false, message, error_code: code } } })
  }
}
process.exit(0)
