import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { httpsHouse } from '../https/house.mjs'
import { sitesOf } from '../sites.mjs'

/**
 * One app with the settings it would start with.
 *
 * @typedef {object} App
 * @property {string} name `auth`, or the client id of a site
 * @property {string} title
 * @property {string} folder from the root
 * @property {string} place where its settings are written, for people
 * @property {Record<string, string | undefined>} settings
 */

/**
 * @typedef {object} House
 * @property {string} root
 * @property {boolean} isProduction
 * @property {App} [auth] absent when another machine has it
 * @property {(App & { secretName: string })[]} sites
 * @property {import('../sites.mjs').Site[]} clients every site of the repository: auth has a secret for each
 * @property {string[]} registrations seed files that sites bring along, from the root
 * @property {import('../https/house.mjs').HttpsHouse} [https] what `pnpm dev:https` tells the apps
 */

/** Each app has its own value of these, so one value from outside is not meant: as tools/dev.mjs has it. */
const OWN = ['PORT', 'HOST', 'SITE_URL', 'CLIENT_ID', 'CLIENT_SECRET', 'SESSION_SECRET']

/**
 * @param {string} root the folder of the repository
 * @param {NodeJS.ProcessEnv} env
 * @param {string[]} named `auth=/etc/grove/auth.env`: the file with an app's settings; then only the apps that are named count
 * @param {number} [httpsPort] where `pnpm dev:https` has its front
 * @returns {House}
 */
export function readHouse(root, env, named, httpsPort) {
  const isProduction = env.NODE_ENV === 'production'
  const files = new Map(named.map((word) => splitOnce(word, '=')))
  const sites = sitesOf(root)
  const known = ['auth', ...sites.map(({ clientId }) => clientId)]
  for (const [name, file] of files) {
    if (!known.includes(name)) throw new Error(`--env=${name}=…: the apps are ${known.join(', ')}.`)
    if (!existsSync(file)) throw new Error(`--env=${name}=${file}: there is no such file.`)
  }

  const https = httpsPort && httpsHouse(sites, httpsPort, env)
  const settingsOf = (app) => {
    const file = files.get(app.name)
    const local = file ? parseEnv(readFileSync(file, 'utf8')) : localSettings(root, app, isProduction)
    const shared = Object.fromEntries(
      Object.entries(env).filter(([name, value]) => value && !OWN.includes(name)),
    )
    const said = Object.fromEntries(Object.entries({ ...local, ...shared }).filter(([, value]) => value))
    const given = { ...inFiles(said), ...said }
    const inEnvironment = isProduction && app.name === 'auth'
    const place = file ?? (inEnvironment ? 'the environment of auth' : `${app.folder}/.env.local`)
    const told = https && (app.name === 'auth' ? https.auth : https.settingsOf(app.site))
    const development = !isProduction && app.development
    return { ...app, place, settings: { ...app.always, ...development, ...given, ...told } }
  }
  const counts = ({ name }) => files.size === 0 || files.has(name)
  return {
    root,
    isProduction,
    auth: [AUTH].filter(counts).map(settingsOf)[0],
    sites: sites.map(siteApp).filter(counts).map(settingsOf),
    clients: sites,
    registrations: sites.flatMap(({ registration }) => registration ?? []),
    ...(https && { https }),
  }
}

const AUTH = {
  name: 'auth',
  title: 'Grove',
  folder: 'apps/auth',
  always: { PORT: '4000' },
  development: { ISSUER: 'http://auth.localhost:4000', DATABASE_URL: 'file:./dev.db' },
}

const siteApp = (site) => ({ ...appOf(site), site })

const appOf = ({ clientId, title, folder, port, address, secretName }) => ({
  name: clientId,
  title: title.split(',')[0],
  folder,
  secretName,
  always: { PORT: String(port) },
  development: {
    SITE_URL: address,
    ISSUER: 'http://auth.localhost:4000',
    ISSUER_INTERNAL_URL: 'http://127.0.0.1:4000',
    CLIENT_ID: clientId,
  },
})

/** Auth reads its file in development alone; Next reads its files always, the most special one first. */
function localSettings(root, { name, folder }, isProduction) {
  const mode = isProduction ? 'production' : 'development'
  const ofNext = ['.env', `.env.${mode}`, '.env.local', `.env.${mode}.local`]
  const files = name === 'auth' ? ['.env.local'].filter(() => !isProduction) : ofNext
  const found = files.map((file) => join(root, folder, file)).filter(existsSync)
  return Object.assign({}, ...found.map((file) => parseEnv(readFileSync(file, 'utf8'))))
}

/** What files say that `NAME_FILE` names: the apps read it as `NAME`. One that cannot be read says nothing, as if it were missing. */
function inFiles(settings) {
  const named = Object.entries(settings).filter(([name, file]) => name.endsWith('_FILE') && isFile(file))
  return Object.fromEntries(
    named.map(([name, file]) => [name.slice(0, -'_FILE'.length), readFileSync(file, 'utf8').trim()]),
  )
}

const isFile = (path) => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false

function splitOnce(text, separator) {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

/** The port an app listens on, or undefined where its setting is none. */
export const portOf = ({ settings: { PORT } }) =>
  /^\d{1,5}$/.test(PORT) && Number(PORT) <= 65_535 ? Number(PORT) : undefined

/** An address as a URL, or undefined where it is missing or none. */
export function urlOf(address) {
  return address && URL.canParse(address) ? new URL(address) : undefined
}

export const isLoopbackName = (hostname) =>
  hostname === 'localhost' || hostname.endsWith('.localhost') || /^(127\.0\.0\.1|\[::1\])$/.test(hostname)

/** Auth and the sites, each with its public address. */
export const publicAddresses = ({ auth, sites }) => [
  ...(auth ? [{ app: auth, setting: 'ISSUER', address: auth.settings.ISSUER }] : []),
  ...sites.map((app) => ({ app, setting: 'SITE_URL', address: app.settings.SITE_URL })),
]
