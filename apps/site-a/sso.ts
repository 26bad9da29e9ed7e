import { siteSettings } from '@grove/site'
import { createNextSite } from '@grove/site/next'

const development = {
  siteUrl: 'http://site-a.localhost:4001',
  issuer: 'http://auth.localhost:4000',
  issuerInternalUrl: 'http://127.0.0.1:4000',
  clientId: 'alder',
  allowedOrigins: ['http://spa.localhost:4100'], // examples/static-spa
}

/** The name under which Grove knows this site: `session.signedInVia` says it when the password was typed on the way here. */
export const SITE_NAME = 'Alder'

const settings = { ...siteSettings(process.env, development), siteName: SITE_NAME }

/** Signing out goes on from our form to Grove, and the browser must allow that. */
export const issuerOrigin = new URL(settings.issuer).origin

/** Birch, the other site of the house: where people find it, and where this server calls it. */
export const birch = {
  url: address('BIRCH_URL', 'where people find Birch', 'http://site-b.localhost:4002'),
  internalUrl: address('BIRCH_INTERNAL_URL', 'where this server reaches Birch', 'http://127.0.0.1:4002'),
}

/** Alder's single sign-on. */
export const sso = createNextSite(settings)

function address(name: string, meaning: string, inDevelopment: string): string {
  const value = process.env[name]
  if (value) return value
  const isServing = process.env.NEXT_PHASE !== 'phase-production-build' // a build answers nobody, so it needs no address
  if (process.env.NODE_ENV === 'production' && isServing) {
    throw new Error(`${name} is missing: ${meaning}, for example https://birch.example`)
  }
  return inDevelopment
}
