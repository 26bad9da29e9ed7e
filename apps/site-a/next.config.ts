import type { NextConfig } from 'next'

const development = process.env.NODE_ENV === 'development'

// A nonce would have to be set in proxy.ts, and the proxy is skipped on most requests. So inline script is allowed, which gives up
// one thing: if an injection ever got into the HTML, this policy would not stop it from running. It still could not read the
// session (HttpOnly), load code from elsewhere or send data elsewhere. `form-action` is in the layout: it names the issuer, which
// is known when the server starts and not when it is built.
const contentSecurityPolicy = [
  "default-src 'self'",
  `script-src 'self' 'unsafe-inline'${development ? " 'unsafe-eval'" : ''}`,
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  `connect-src 'self'${development ? ' ws:' : ''}`,
  "object-src 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

const securityHeaders = [
  { key: 'Content-Security-Policy', value: contentSecurityPolicy },
  { key: 'X-Content-Type-Options', value: 'nosniff' },
  { key: 'Referrer-Policy', value: 'strict-origin-when-cross-origin' },
  { key: 'Cross-Origin-Opener-Policy', value: 'same-origin' },
]

const config: NextConfig = {
  // For an image: the server with what it imports, and nothing else (Dockerfile).
  output: process.env.STANDALONE === 'on' ? 'standalone' : undefined,
  reactStrictMode: true,
  poweredByHeader: false,
  devIndicators: false, // it would stand on the page
  allowedDevOrigins: ['*.test'], // `pnpm dev:https`
  headers: async () => [{ source: '/:path*', headers: securityHeaders }],
}
export default config
