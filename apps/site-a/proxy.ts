import type { NextRequest } from 'next/server'
import { sso } from './sso.ts'

/** Renews a session that is about to end, and asks Grove once, silently, about a visitor who has none. */
export const proxy = (request: NextRequest): Promise<Response> => sso.proxy(request)

// An empty proxy costs more than everything else a session costs. While the marker cookie is there nothing is due, so Next skips
// this file. Next wants the literal here: it reads it without running it.
export const config = {
  matcher: [
    {
      source: '/((?!_next/|sso/|.*\\.[a-z0-9]+$).*)',
      has: [{ type: 'cookie', key: '__Host-session' }],
      missing: [{ type: 'cookie', key: '__Host-checked' }],
    },
    {
      source: '/((?!_next/|sso/|.*\\.[a-z0-9]+$).*)',
      has: [{ type: 'header', key: 'sec-fetch-dest', value: 'document' }],
      missing: [
        { type: 'cookie', key: '__Host-checked' },
        { type: 'header', key: 'sec-purpose' },
      ],
    },
    {
      source: '/((?!_next/|sso/|.*\\.[a-z0-9]+$).*)',
      has: [
        { type: 'header', key: 'sec-fetch-dest', value: 'document' },
        { type: 'header', key: 'sec-fetch-site', value: 'none|same-site|cross-site' },
      ],
      missing: [{ type: 'header', key: 'sec-purpose' }],
    },
    {
      source: '/((?!_next/|sso/|.*\\.[a-z0-9]+$).*)',
      has: [
        { type: 'header', key: 'sec-fetch-dest', value: 'document' },
        { type: 'header', key: 'cache-control' },
      ],
      missing: [{ type: 'header', key: 'sec-purpose' }],
    },
  ],
}
