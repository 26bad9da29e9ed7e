import { createHonoApi } from '@grove/site/hono'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'

// An API that takes tokens of Grove. It knows no person and keeps nothing: whoever comes brings a token that says who he is.
const { PORT = '4101', API_URL = 'http://api.localhost:4101', ...env } = process.env

const { cors, requireBearer } = createHonoApi({
  siteUrl: API_URL, // the audience: a token that is meant for somebody else opens nothing here
  issuer: env.ISSUER ?? 'http://auth.localhost:4000',
  issuerInternalUrl: env.ISSUER_INTERNAL_URL ?? 'http://127.0.0.1:4000',
  allowedOrigins: env.ALLOWED_ORIGINS?.split(',') ?? [],
})

const app = new Hono()
  .use('/api/*', cors)
  .get('/', (c) => c.text('An API of Grove: GET /api/hello, /api/words, /api/vault\n'))

  // Anybody who is signed in: else 401 (RFC 6750).
  .get('/api/hello', requireBearer(), (c) => {
    const { user, clientId, expiresAt } = c.get('bearer')
    return c.json({ hello: user.id, calledBy: clientId, tokenEndsAt: expiresAt })
  })

  // With this scope: else 403 insufficient_scope (RFC 6750).
  .get('/api/words', requireBearer({ scope: 'notes' }), (c) => c.json({ words: ['alder', 'birch'] }))

  // From a login of the last minute: else 401 insufficient_user_authentication, and how old it may be (RFC 9470).
  .get('/api/vault', requireBearer({ maxAge: 60 }), (c) => c.json({ secret: 'under the third pot' }))

serve({ fetch: app.fetch, port: Number(PORT), hostname: '127.0.0.1' }, ({ port }) =>
  console.log(`The API listens on http://127.0.0.1:${port} as ${API_URL}`),
)
