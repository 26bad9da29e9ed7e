// Who may import whom, between packages: the import rule of ARCHITECTURE.md, read from the import lines of every file. Inside auth
// apps/auth/src/architecture.test.ts does the same between layers.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

const sites = readdirSync(join(root, 'apps')).filter((name) => name.startsWith('site-'))

/** What each package may import of ours. Between apps there is only HTTP. */
const ours = {
  'apps/auth': ['@grove/jwt', '@grove/traces'],
  ...Object.fromEntries(sites.map((site) => [`apps/${site}`, ['@grove/site']])),
  'packages/jwt': [],
  'packages/site': ['@grove/jwt', '@grove/traces'],
  'packages/traces': [],
  'tests/flows': ['@grove/auth', '@grove/jwt', '@grove/site'],
  'tests/interop': ['@grove/auth', '@grove/cluster', '@grove/site'],
  'tests/cluster': ['@grove/auth', '@grove/jwt', '@grove/site'],
  'tests/operations': ['@grove/auth'],
  'tests/browser': [],
  'tests/tools': [],
  'examples/hono-api': ['@grove/site'],
  'examples/cli': [],
  'examples/static-spa': [],
  bench: ['@grove/auth', '@grove/jwt'],
}

/** Where a library is at home. Nobody else may name it. */
const homes = {
  jose: ['packages/jwt/', 'bench/'],
  'openid-client': ['packages/site/', 'tests/interop/', 'examples/cli/'],
  next: ['packages/site/src/next/', 'apps/site-', 'tools/add-site/template/', 'tests/interop/'],
  hono: [
    ...['packages/site/src/hono/', 'apps/auth/', 'examples/hono-api/'],
    ...['tests/flows/', 'tests/interop/', 'tests/cluster/'],
  ],
  prisma: ['apps/auth/src/store/', 'apps/auth/tools/', 'apps/auth/prisma.config.ts'],
  '@prisma/*': ['apps/auth/src/store/', 'apps/auth/tools/'],
  'oidc-provider': ['tests/interop/', 'bench/'],
  '@opentelemetry/*': ['packages/traces/'],
  oauth4webapi: ['tests/interop/', 'examples/static-spa/'],
  // Clients that others wrote
  ...Object.fromEntries(
    ['@hono/oidc-auth', 'express-openid-connect', 'next-auth', 'oidc-client-ts', 'passport'].map((name) => [
      name,
      ['tests/interop/'],
    ]),
  ),
}

/** @returns {string[]} one sentence for each broken rule */
export function brokenRules() {
  return filesBelow('').flatMap((file) => importsOf(file).flatMap((name) => objection(file, name) ?? []))
}

function filesBelow(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (/^(\.|node_modules$|generated$|test-results$|playwright-report$)/.test(entry.name)) return []
    if (entry.isDirectory()) return filesBelow(path)
    return /\.(tsx?|mjs)$/.test(entry.name) ? [path.split(sep).join('/')] : []
  })
}

function importsOf(file) {
  const code = readFileSync(join(root, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
  return [...code.matchAll(/\b(?:from|import)\s*\(?\s*['"]([^'"\n]+)['"]/g)].map((match) => match[1])
}

function objection(file, name) {
  if (name.startsWith('.'))
    return objectionToPath(
      file,
      normalize(join(dirname(file), name))
        .split(sep)
        .join('/'),
    )

  const [scope, rest] = name.split('/')
  const library = scope.startsWith('@') ? `${scope}/${rest}` : scope
  const folder = packageOf(file)
  if (
    scope === '@grove' &&
    folder &&
    library !== `@grove/${folder.split('/')[1]}` &&
    !ours[folder].includes(library)
  ) {
    return `${file} imports ${name}: ${folder} may import ${ours[folder].join(', ') || 'nothing'} of ours.`
  }
  const home = homes[library] ?? homes[`${scope}/*`]
  if (home && !home.some((place) => file.startsWith(place))) {
    return `${file} imports ${name}, which is at home in ${home.join(' and ')} only.`
  }
}

function objectionToPath(file, target) {
  if (packageOf(file) !== packageOf(target))
    return `${file} imports ${target}: it reaches out of its own package.`
}

const packageOf = (file) => Object.keys(ours).find((folder) => file.startsWith(`${folder}/`))
