import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { ISSUER, secretOf } from '@grove/auth/testing'
import { type AuthProcess, endsWithUs, listens } from './auth-process.ts'

/** One real process of `site.ts`. */
export type SiteProcess = AuthProcess

export type SiteId = 'alder' | 'birch'

/** @param settings what this process has besides the usual, or instead of it; `ISSUER_INTERNAL_URL` at least */
export async function startSite(
  id: SiteId,
  siteUrl: string,
  settings: Record<string, string>,
): Promise<SiteProcess> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'site.ts'], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'production',
      PORT: '0',
      SITE_URL: siteUrl,
      ISSUER,
      CLIENT_ID: id,
      CLIENT_SECRET: secretOf(id),
      SESSION_SECRET: `the session secret of ${id}, long enough`,
      ...settings,
    },
  })
  endsWithUs(child)
  return await listens(child)
}
