import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { secretNameOf, sitesOf } from '../sites.mjs'

/** Nothing was changed, and the message says in a sentence why. */
export class Refusal extends Error {}

/**
 * A site that is not there yet.
 *
 * @typedef {{ name: string, title: string, port: number, hue: number, secretName: string, folder: string, story: string }} Plan
 */

/** Two letters at least; so short that no line of the template has to be broken anew. */
const NAME = /^[a-z](?:[a-z\d]|-(?=[a-z\d])){1,23}$/
/** Stories have servers of their own from 4009 on. */
const PORTS = [4003, 4004, 4005, 4006, 4007, 4008]
/** Far from the russet, the ochre and the green that are taken, and from one another. */
const HUES = [255, 330, 205, 10, 290, 130]
// The root itself, and names by which people and pages know the three.
const RESERVED = ['auth', 'grove', 'localhost', 'site']

/**
 * Everything that is decided about a new site, before anything is written.
 * @throws Refusal if the name cannot be used
 * @returns {Plan}
 */
export function planSite(root, name) {
  checkName(name)
  if (isTaken(root, name)) throw new Refusal(`"${name}" is taken: choose another name.`)
  const taken = sitesOf(root).map((site) => site.port)
  const port = PORTS.find((candidate) => !taken.includes(candidate))
  if (!port) throw new Refusal(`The ports ${PORTS[0]} to ${PORTS.at(-1)} are all taken: remove a site first.`)
  return planAt(name, port)
}

/** The plan of a site whose port is known. @returns {Plan} */
export function planAt(name, port) {
  const title = name.replaceAll(/(^|-)(.)/g, (_, dash, letter) => (dash ? ' ' : '') + letter.toUpperCase())
  const hue = HUES[PORTS.indexOf(port)] ?? HUES[0]
  const [folder, story] = [`apps/site-${name}`, `tests/browser/site-${name}.spec.ts`]
  return { name, title, port, hue, secretName: secretNameOf(name), folder, story }
}

/** @throws Refusal unless it can be a host name, a folder and a client id alike */
export function checkName(name) {
  if (NAME.test(name)) return
  throw new Refusal(
    `"${name}" cannot be the name of a site: 2 to 24 letters a–z, digits and single hyphens, a letter first, such as willow.`,
  )
}

/** As a client, as a host name, or as a folder. */
function isTaken(root, name) {
  const sites = sitesOf(root)
  return (
    RESERVED.includes(name) ||
    existsSync(join(root, 'apps', `site-${name}`)) ||
    sites.some((site) => new URL(site.address).hostname === `${name}.localhost`) ||
    clientIds(root).includes(name)
  )
}

/** Who is registered in any seed file of this repository, the stories' own included: auth refuses to start with a client twice. */
function clientIds(root) {
  const stories = join(root, 'tests/browser')
  const files = [
    'apps/auth/prisma/seed.json',
    ...sitesOf(root).flatMap(({ registration }) => registration ?? []),
    ...(existsSync(stories) ? readdirSync(stories) : [])
      .filter((file) => file.endsWith('.json') && file !== 'package.json' && file !== 'tsconfig.json')
      .map((file) => `tests/browser/${file}`),
  ]
  return files.flatMap((file) => {
    const { clients = [] } = JSON.parse(readFileSync(join(root, file), 'utf8'))
    return clients.map((client) => client.client_id)
  })
}
