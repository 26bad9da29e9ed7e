import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * A site of this repository. It says itself what the tools have to know, under "grove" in its package.json.
 *
 * @typedef {object} Site
 * @property {string} clientId its name at auth
 * @property {string} title its name and what it is
 * @property {string} address where people find it in development
 * @property {number} port the port of that address
 * @property {string} folder from the root, with slashes
 * @property {string[]} pages what is built before the first visitor comes
 * @property {string} secretName under which auth finds its client secret in the environment
 * @property {string} [registration] the seed file that it brings along, from the root; without it prisma/seed.json has it
 */

/**
 * Every site under apps/, by its port: where one is added, nothing else has to be told.
 *
 * @param {string} root the folder of the repository
 * @returns {Site[]}
 */
export function sitesOf(root) {
  return readdirSync(join(root, 'apps'))
    .filter((name) => existsSync(join(root, 'apps', name, 'package.json')))
    .flatMap((name) => siteIn(root, `apps/${name}`) ?? [])
    .sort((one, other) => one.port - other.port)
}

function siteIn(root, folder) {
  const { grove } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
  if (!grove) return undefined
  const registration = `${folder}/client.json`
  return {
    ...grove,
    folder,
    port: Number(new URL(grove.address).port),
    secretName: secretNameOf(grove.clientId),
    ...(existsSync(join(root, registration)) && { registration }),
  }
}

/** `my-site` → `MY_SITE_CLIENT_SECRET`. */
export const secretNameOf = (clientId) => `${clientId.replaceAll('-', '_').toUpperCase()}_CLIENT_SECRET`
