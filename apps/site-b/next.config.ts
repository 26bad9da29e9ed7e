import type { NextConfig } from 'next'

const development = process.env.NODE_ENV === 'development'

/**
 * The part of the policy that is the same wherever this build runs; `form-action` names the issuer, which is known only when the
 * server starts, so app/layout.tsx adds it. 'unsafe-inline' gives up the browser's last defence against injected script: a nonce
 * would need proxy.ts on every document, and that costs more than the rest of the page. What remains: React escapes what it
 * renders, no script reads the session (HttpOnly), and an injected one can send nothing to another origin by fetch.
 */
const contentSecurityPolicy = [
  "default-src 'self'",
  `script-src 'self' 'unsafe-inline'${development ? " 'unsafe-eval'" : ''}`,
  "style-src 'self' 'unsafe-inline'",
  `connect-src 'self'${development ? ' ws:' : ''}`,
  "object-src 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

const config: NextConfig = {
  // For an image: the server with what it imports, and nothing else (Dockerfile).
  output: process.env.STANDALONE === 'on' ? 'standalone' : undefined,
  reactStrictMode: true,
  poweredByHeader: false,
  devIndicators: false,
  allowedDevOrigins: ['*.test'], // `pnpm dev:https`
  headers: async () => [
    {
      source: '/:path*',
      headers: [
        { key: 'Content-Security-Policy', value: contentSecurityPolicy },
        { key: 'X-Content-Type-Options', value: 'nosniff' },
        { key: 'Referrer-Policy', value: 'strict-origin-when-cross-origin' },
        { key: 'Cross-Origin-Opener-Policy', value: 'same-origin' },
      ],
    },
  ],
}

export default config
