import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './processes.ts'

/** A site that `pnpm add-site` wrote. */
export interface AddedSite {
  clientId: string
  title: string
  address: string
  port: number
  folder: string
  /** The seed file that registers it. */
  registration: string
  /** Where auth looks for its client secret. */
  secretName: string
}

/** They bring their registration along: Alder and Birch are in auth's own seed. */
export function addedSites(): AddedSite[] {
  return readdirSync(join(root, 'apps')).flatMap((name) => {
    const folder = `apps/${name}`
    const registration = join(root, folder, 'client.json')
    if (!existsSync(registration)) return []
    // as: what pnpm add-site writes
    const { grove } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as {
      grove: { clientId: string; title: string; address: string }
    }
    const secretName = `${grove.clientId.replaceAll('-', '_').toUpperCase()}_CLIENT_SECRET`
    return [{ ...grove, port: Number(new URL(grove.address).port), folder, registration, secretName }]
  })
}
