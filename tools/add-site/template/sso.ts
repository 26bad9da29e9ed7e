import { siteSettings } from '@grove/site'
import { createNextSite } from '@grove/site/next'

// The one place where this site is configured, and the only one that reads the environment. In production each setting must be given.

const settings = siteSettings(process.env, {
  siteUrl: 'http://__NAME__.localhost:__PORT__',
  issuer: 'http://auth.localhost:4000',
  issuerInternalUrl: 'http://127.0.0.1:4000',
  clientId: '__NAME__',
})

/** Signing out goes on from our form to Grove, and the browser must allow that. */
export const issuerOrigin = new URL(settings.issuer).origin

export const sso = createNextSite({ ...settings, siteName: '__TITLE__' })
