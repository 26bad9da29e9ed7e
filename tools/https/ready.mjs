import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { filesIn, readyCertificates } from './authority.mjs'
import { HTTPS_FOLDER, httpsHouse } from './house.mjs'
import { astray, hostsCommand } from './names.mjs'
import { choosePort } from './port.mjs'
import { seedOverHttps } from './seed.mjs'
import { howToTrust } from './trust.mjs'

/**
 * Makes what `pnpm dev:https` needs: certificates, and a seed in which every app has its address over https.
 *
 * @param {{ root: string, sites: import('../sites.mjs').Site[], seeds: string[], env: NodeJS.ProcessEnv, port?: number }} options
 * @returns {Promise<{ house: import('./house.mjs').HttpsHouse, seedFile: string, words: string }>} `words` for the person who
 *   started it
 * @throws Error if a seed file cannot be read
 */
export async function readyHttps({ root, sites, seeds, env, port: asked }) {
  const { port, why } = asked ? { port: asked } : await choosePort()
  const house = httpsHouse(sites, port, env)
  const seed = seedOverHttps(seeds, house.addresses)
  const folder = join(root, HTTPS_FOLDER)
  const { isNewAuthority } = await readyCertificates(folder, house.names)
  const seedFile = join(folder, 'seed.json')
  writeFileSync(seedFile, JSON.stringify(seed, null, 2), { mode: 0o600 })
  return { house, seedFile, words: words({ why, lost: await astray(house.names), isNewAuthority }) }
}

/** What a person has to know or do. Nothing of it is done for them: it changes their machine. */
function words({ why, lost, isNewAuthority }) {
  const authority = filesIn(HTTPS_FOLDER).authority.cert
  const hosts = `  This machine does not know all the names yet. Type once:\n    ${hostsCommand(lost)}\n`
  const paragraphs = [
    ...(why ? [`  ${why}\n`] : []),
    ...(lost.length > 0 ? [hosts] : []),
    isNewAuthority
      ? howToTrust(authority)
      : `  If the browser warns, it does not trust ${authority} yet: docs/https.md says how.\n`,
  ]
  return paragraphs.map((paragraph) => `${paragraph}\n`).join('')
}
