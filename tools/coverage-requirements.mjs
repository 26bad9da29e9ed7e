// `pnpm coverage:requirements`: which requirement has which test. The ids stand in docs/requirements.json, and in the names of tests.
//   pnpm coverage:requirements            all of them
//   pnpm coverage:requirements JW F-5     those whose id begins so
// Reads source text and runs nothing. Ends with 1 if a requirement has neither a test nor a reason.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const TEST_FILE = /\.(test|spec|contract|type-test)\.tsx?$/
const MOST_SHOWN = 3

/** @typedef {{ id: string, level: string, title: string, leftOut?: string }} Requirement */
/** @typedef {{ id: string, place: string }} Mention */

/** @type {Requirement[]} */
const requirements = JSON.parse(readFileSync(join(root, 'docs/requirements.json'), 'utf8'))
const families = [...new Set(requirements.map(({ id }) => id.split('-', 1).join()))]

function filesBelow(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (/^(\.|node_modules$|generated$|test-results$)/.test(entry.name)) return []
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return filesBelow(path)
    return TEST_FILE.test(entry.name) ? [path] : []
  })
}

// Comments first, so that an apostrophe in one opens no text. A name may be put together from the rows of a table, so every text of
// a test file counts, unless it is the bare id; a comment counts only in a type test, which has nothing else: it is compiled, never run.
const PIECE = /\/\/.*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g
const isComment = (piece) => piece.startsWith('//') || piece.startsWith('/*')

/** @returns {Mention[]} */
function mentionsIn(file) {
  const source = readFileSync(join(root, file), 'utf8')
  const isTypeTest = /\.type-test\./.test(file)
  const counts = (piece) => (isTypeTest ? isComment(piece) : !isComment(piece) && /\s/.test(piece))
  return [...source.matchAll(PIECE)]
    .filter(([piece]) => counts(piece))
    .flatMap((piece) =>
      idsIn(piece[0]).map(({ id, at }) => ({
        id,
        place: `${shown(file)}:${lineOf(source, piece.index + at)}`,
      })),
    )
}

/** `AT-7`, and all of `F-50 … F-58`, `F-50…58` or `F-50–F-58`. */
function idsIn(text) {
  const range = new RegExp(
    `\\b(${families.join('|')})-(\\d+)([A-Za-z]?)\\b(?:\\s*(?:…|\\.\\.\\.?|–)\\s*(?:\\1-)?(\\d+)\\b)?`,
    'g',
  )
  return [...text.matchAll(range)].flatMap(({ index: at, 1: family, 2: first, 3: letter, 4: last = first }) =>
    Array.from({ length: Math.max(1, last - first + 1) }, (_, n) => ({
      id: `${family}-${Number(first) + n}${letter}`,
      at,
    })),
  )
}

const lineOf = (source, index) => source.slice(0, index).split('\n').length
const shown = (file) => file.split(sep).join('/')

/** The attacks that a test reads from the corpus: their ids are in the data, not in the test. @returns {Mention[]} */
function mentionsInCorpus() {
  const corpus = 'packages/jwt/corpus/attacks.json'
  const readers = { cases: 'packages/jwt/src/corpus.test.ts', headers: 'packages/site/src/bearer.test.ts' }
  if (!existsSync(join(root, corpus))) return []
  const data = JSON.parse(readFileSync(join(root, corpus), 'utf8'))
  return Object.entries(readers)
    .filter(
      ([, test]) => existsSync(join(root, test)) && /corpus/.test(readFileSync(join(root, test), 'utf8')),
    )
    .flatMap(([list, test]) => {
      const ids = (data[list] ?? []).map(({ id }) => id)
      const count = (id) => ids.filter((other) => other === id).length
      return [...new Set(ids)].map((id) => ({ id, place: `${test} (${count(id)} attacks)` }))
    })
}

/** The faults that are played over real processes: their tables have the ids, and `pnpm test:faults` plays each row. @returns {Mention[]} */
function mentionsInFaults() {
  const folder = join('tests', 'cluster')
  const tables = readdirSync(join(root, folder)).filter(
    (name) => name.endsWith('.ts') && !TEST_FILE.test(name),
  )
  return tables.flatMap((table) => {
    const file = join(folder, table)
    const source = readFileSync(join(root, file), 'utf8')
    return [...source.matchAll(/\bid: '([^']+)', *\n? *does:/g)].flatMap(({ 1: ids, index }) =>
      idsIn(ids).map(({ id }) => ({ id, place: `${shown(file)}:${lineOf(source, index)}` })),
    )
  })
}

function placesById() {
  const places = new Map()
  const mentions = [
    ...['packages', 'apps', 'tests'].flatMap(filesBelow).flatMap(mentionsIn),
    ...mentionsInCorpus(),
    ...mentionsInFaults(),
  ]
  for (const { id, place } of mentions) places.set(id, [...(places.get(id) ?? []), place])
  return places
}

function row({ id, level, title, leftOut }, places) {
  const more = places.length > MOST_SHOWN ? [`and ${places.length - MOST_SHOWN} more`] : []
  const proof = [...places.slice(0, MOST_SHOWN), ...more]
  if (leftOut) proof.unshift(`left out: ${leftOut}`)
  if (proof.length === 0) proof.push('NO TEST')
  return `${id.padEnd(6)} ${level.padEnd(2)}  ${title}\n${proof.map((line) => `            ${line}\n`).join('')}`
}

const wanted = process.argv.slice(2)
const listed = requirements.filter(
  ({ id }) => wanted.length === 0 || wanted.some((start) => id.startsWith(start)),
)
const places = placesById()
const placesOf = ({ id }) => [...new Set(places.get(id) ?? [])]
for (const requirement of listed) process.stdout.write(row(requirement, placesOf(requirement)))

const missing = listed.filter((requirement) => !requirement.leftOut && placesOf(requirement).length === 0)
const leftOut = listed.filter((requirement) => requirement.leftOut).length
const proved = listed.length - missing.length - leftOut
console.log(
  `\n${listed.length} requirements: ${proved} with a test, ${leftOut} left out with a reason, ${missing.length} with neither`,
)
if (missing.length > 0) console.error(`No test names ${missing.map(({ id }) => id).join(', ')}.`)
process.exitCode = missing.length > 0 ? 1 : 0
