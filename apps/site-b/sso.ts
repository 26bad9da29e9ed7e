import { SettingsError, siteSettings } from '@grove/site'
import { createNextSite } from '@grove/site/next'

// The one place where this site is configured, and the only one that reads the environment.

const options = siteSettings(process.env, {
  siteUrl: 'http://site-b.localhost:4002',
  issuer: 'http://auth.localhost:4000',
  issuerInternalUrl: 'http://127.0.0.1:4000',
  clientId: 'birch',
  allowedOrigins: ['http://spa.localhost:4100'], // examples/static-spa
})

const isServing = process.env.NODE_ENV === 'production' && process.env.NEXT_PHASE !== 'phase-production-build'
if (isServing && !process.env.ALDER_URL)
  throw new SettingsError(
    'ALDER_URL is missing: where links to the other site lead, for example https://shop.example',
  )

export const addresses = {
  birch: options.siteUrl,
  grove: options.issuer,
  alder: process.env.ALDER_URL || 'http://site-a.localhost:4001',
} as const

/** Where the notes are kept. Relative to where the server was started. */
export const notesFile: string = process.env.NOTES_FILE || '.data/notes.json'

export const sso = createNextSite({ ...options, siteName: 'Birch' })
