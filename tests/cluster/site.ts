import { createHonoSite } from '@grove/site/hono'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'

// A site of the kit, as small as one can be, for tests that start it as a process of its own.
const { SITE_URL = '', ISSUER = '', ISSUER_INTERNAL_URL = '', CLIENT_ID = '', ...env } = process.env

const sso = createHonoSite({
  siteUrl: SITE_URL,
  issuer: ISSUER,
  issuerInternalUrl: ISSUER_INTERNAL_URL,
  clientId: CLIENT_ID,
  clientSecret: env.CLIENT_SECRET ?? '',
  secrets: [env.SESSION_SECRET ?? ''],
  clockToleranceSeconds: Number(env.CLOCK_TOLERANCE_SECONDS ?? 10),
})

const app = new Hono()
  .use(sso.arrive)
  .route('/', sso.routes)
  .get('/', async (c) => {
    const session = await sso.session(c)
    return c.json({ signedIn: session?.user.id ?? null, accessToken: session?.accessToken() ?? null })
  })
  .get('/private', sso.requireSession(), (c) => c.json({ signedIn: c.get('session').user.id }))
  .get('/api/me', sso.requireBearer(), (c) => c.json({ sub: c.get('bearer').user.id }))

serve({ fetch: app.fetch, port: Number(env.PORT), hostname: '127.0.0.1' }, ({ port }) =>
  console.log(`the site listens on 127.0.0.1:${port} as ${SITE_URL}`),
)
