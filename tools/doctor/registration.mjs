import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { overHttps } from '../https/seed.mjs'

/** Whether auth knows each site, at the address that the site has. */
export function registration({ root, auth, sites, registrations, isProduction, https }) {
  if (!auth) return []
  const own = isProduction ? [] : ['prisma/seed.json', ...registrations.map((file) => join(root, file))]
  const files = auth.settings.SEED_FILE?.split(',').map((file) => file.trim()) ?? own
  if (files.length === 0)
    return [
      {
        what: 'SEED_FILE is missing.',
        why: 'Without it auth knows no client, and does not start.',
        fix: `set it in ${auth.place}, such as /etc/grove/clients.json`,
      },
    ]

  const clients = []
  for (const file of files) {
    try {
      const seed = JSON.parse(readFileSync(resolve(root, auth.folder, file), 'utf8'))
      clients.push(...((https ? overHttps(seed, https.addresses) : seed).clients ?? []))
    } catch {
      return [
        {
          what: `SEED_FILE names ${file}, which cannot be read as JSON.`,
          why: 'Auth does not start.',
          fix: 'a path is meant from apps/auth: correct it, or write an absolute one',
        },
      ]
    }
  }
  return sites.flatMap((site) => objection(site, clients, files) ?? [])
}

function objection({ title, settings: { CLIENT_ID, SITE_URL } }, clients, files) {
  if (!CLIENT_ID || !SITE_URL) return undefined // said by the check of names
  const client = clients.find(({ client_id: id }) => id === CLIENT_ID)
  const why = `Whoever signs in at ${title} ends on an error page of auth.`
  if (!client)
    return {
      what: `${title} is not registered: no client is called ${CLIENT_ID}.`,
      why,
      fix: `add it to one of ${files.join(', ')}, or name the file that has it in SEED_FILE`,
    }
  const callback = `${SITE_URL}/sso/callback`
  if (!client.redirect_uris?.includes(callback))
    return {
      what: `${title} is registered without ${callback}.`,
      why,
      fix: `add it to redirect_uris of ${CLIENT_ID}, or correct SITE_URL`,
    }
  if (!client.resources?.includes(SITE_URL))
    return {
      what: `The tokens of ${title} are not meant for ${SITE_URL}.`,
      why: 'The site takes only tokens whose audience it is, so nobody can sign in.',
      fix: `add ${SITE_URL} to resources of ${CLIENT_ID}`,
    }
}
