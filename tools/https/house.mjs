import { secretNameOf } from '../sites.mjs'
import { AUTH_NAME, nameOf, originOf } from './names.mjs'

/** Where this machine keeps what https needs, from the root. Git does not see it. */
export const HTTPS_FOLDER = '.data/https'

/** What auth is called without https. */
const AUTH_ADDRESS = 'http://auth.localhost:4000'

/**
 * What is different with https: where people find each app, and what the apps are told of it. Behind it they listen where they always
 * do, and sites still ask auth on loopback (ISSUER_INTERNAL_URL), so no program has to trust our authority.
 *
 * @typedef {object} HttpsHouse
 * @property {number} port
 * @property {string} issuer
 * @property {string[]} names every host name, auth first
 * @property {Map<string, string>} addresses each address as it is without https → with it
 * @property {Record<string, string>} auth settings of auth
 * @property {(site: import('../sites.mjs').Site) => Record<string, string>} settingsOf settings of a site
 */

/**
 * @param {import('../sites.mjs').Site[]} sites
 * @param {number} port
 * @param {NodeJS.ProcessEnv} env
 * @returns {HttpsHouse}
 */
export function httpsHouse(sites, port, env) {
  const issuer = originOf(AUTH_NAME, port)
  const addressOf = (site) => originOf(nameOf(site), port)
  // ALDER_URL, BIRCH_URL: by these the sites know one another.
  const neighbours = Object.fromEntries(
    sites.map((site) => [secretNameOf(site.clientId).replace(/CLIENT_SECRET$/, 'URL'), addressOf(site)]),
  )
  return {
    port,
    issuer,
    names: [AUTH_NAME, ...sites.map(nameOf)],
    addresses: new Map([[AUTH_ADDRESS, issuer], ...sites.map((site) => [site.address, addressOf(site)])]),
    auth: {
      ISSUER: issuer,
      // The addresses are in what auth keeps, so it keeps that in a place of its own, unless it is told another.
      DATABASE_URL: env.DATABASE_URL || 'file:./dev-https.db',
      TRUSTED_PROXIES: env.TRUSTED_PROXIES || '127.0.0.1',
    },
    settingsOf: (site) => ({ ...neighbours, ISSUER: issuer, SITE_URL: addressOf(site) }),
  }
}
