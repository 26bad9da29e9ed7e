import type { NextRequest } from 'next/server'
import { sso } from './sso.ts'

export function proxy(request: NextRequest): Promise<Response> {
  return sso.proxy(request)
}

// Next reads this without running it, so it must be a literal. The marker cookie keeps the proxy, which costs more than the page's
// own session check, out of nearly every request: it runs to renew a session, and once for a browser nobody knows yet.
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
