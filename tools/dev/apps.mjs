import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { HTTPS_FOLDER } from '../https/house.mjs'
import { localSettings } from '../secrets.mjs'

/**
 * A program that is started.
 *
 * @typedef {object} App
 * @property {string} name
 * @property {string} title
 * @property {string} folder from the root
 * @property {number} port
 * @property {string} [address] where people find it
 * @property {string} [answersAt] it is ready when this path answers anything; without it, when it listens
 * @property {string[]} visited what is built before the first visitor comes
 * @property {string[]} command
 * @property {Record<string, string>} settings beside those that all have
 */

const AUTH_PORT = 4000

/**
 * Auth and every site, at their ports on loopback, and what stands in front of them if there is https.
 *
 * @param {import('../sites.mjs').Site[]} sites
 * @param {import('../https/house.mjs').HttpsHouse} [https]
 * @returns {App[]}
 */
export function appsOf(sites, https) {
  const apps = [...sites.map((site) => siteApp(site, https?.settingsOf(site) ?? {})), authApp(https)]
  return https ? [...apps, frontOf(apps, https.port)] : apps
}

const authApp = (https) => ({
  name: 'auth',
  title: 'Grove, the sign-in',
  folder: 'apps/auth',
  port: AUTH_PORT,
  address: https?.issuer ?? 'http://auth.localhost:4000',
  answersAt: '/healthz',
  visited: ['/'],
  settings: https?.auth ?? {},
  // Node's own watcher says so when the program has ended; `tsx watch` would wait in silence.
  command: [
    ...[process.execPath, '--watch', '--watch-preserve-output', '--env-file=.env.local'],
    ...['--import', 'tsx', 'src/main.ts'],
  ],
})

const siteApp = ({ clientId, title, folder, port, address, pages }, settings) => ({
  ...{ name: clientId, title, folder, port, settings },
  address: settings.SITE_URL ?? address,
  answersAt: '/api/me',
  visited: ['/', '/sso/login', '/session', ...pages],
  command: ['node_modules/.bin/next', 'dev', '-H', '127.0.0.1', '-p', String(port)],
})

const frontOf = (apps, port) => ({
  ...{ name: 'https', title: 'https, in front of all', folder: '.', port, visited: [], settings: {} },
  command: [
    ...[process.execPath, 'tools/https/front.mjs', `--certificates=${HTTPS_FOLDER}`, `--port=${port}`],
    ...apps.map((app) => `${new URL(app.address).hostname}=${app.port}`),
  ],
})

/**
 * What all of them find in their environment.
 *
 * @param {NodeJS.ProcessEnv} given
 */
export function sharedEnvironment(given) {
  const env = { ...given, NEXT_TELEMETRY_DISABLED: '1', TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' }
  // Each app has its own value of these, so one value from outside cannot be meant.
  for (const name of ['PORT', 'SITE_URL', 'CLIENT_ID', 'CLIENT_SECRET', 'SESSION_SECRET', 'HOST', 'NODE_ENV'])
    delete env[name]
  // The terminal is for people: what goes well is logged only if asked for.
  env.LOG_LEVEL ??= 'warn'
  return env
}

/**
 * The files with clients and accounts, as absolute paths.
 *
 * @param {string} root
 * @param {import('../sites.mjs').Site[]} sites
 * @param {string | undefined} given SEED_FILE of the environment
 * @returns {string[]}
 */
export function seedFiles(root, sites, given) {
  const own = localSettings(root, 'apps/auth').SEED_FILE
  // A relative path is meant from where the command was typed, or from where the setting is written.
  if (given) return filesIn(given, process.cwd())
  if (own) return filesIn(own, resolve(root, 'apps/auth'))
  // A site that was added brings its registration along, and what is beside the apps to try them with may sign in too.
  const added = sites.flatMap(({ registration }) => (registration ? [registration] : []))
  return ['apps/auth/prisma/seed.json', 'examples/seed.json', ...added].map((file) => resolve(root, file))
}

const filesIn = (list, folder) => list.split(',').map((file) => fileFrom(folder, file.trim()))

/** Auth says what it makes of one that is not there. */
const fileFrom = (folder, file) => (existsSync(resolve(folder, file)) ? resolve(folder, file) : file)
