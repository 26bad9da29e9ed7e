import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { Auth } from './auth.ts'
import { discovery } from './protocol/discovery.ts'
import { introspect } from './protocol/introspect.ts'
import { pushRequest } from './protocol/par.ts'
import { revoke } from './protocol/revoke.ts'
import { token } from './protocol/token.ts'
import { userinfo } from './protocol/userinfo.ts'
import { json } from './routes/answers.ts'
import { getAsset } from './routes/assets.ts'
import { getAuthorize, postAuthorize, postLogin } from './routes/authorize.ts'
import { answerClient, clientRequest } from './routes/clients.ts'
import { answerError, notFound, tooLarge } from './routes/failures.ts'
import { getHealth } from './routes/health.ts'
import { getHome } from './routes/home.ts'
import { getLogout, postLogout } from './routes/logout.ts'
import { formOf } from './routes/requests.ts'
import { getStatusList } from './routes/status.ts'

const MOST_BODY_BYTES = 16_384

/** Every URL this server answers, on one screen. */
export function createApp(auth: Auth): Hono {
  const app = new Hono()
  const metadata = discovery(auth.issuer, auth.clients)
  const mayBeCached = {
    headers: { 'cache-control': 'public, max-age=300', 'access-control-allow-origin': '*' },
  }
  app.use(bodyLimit({ maxSize: MOST_BODY_BYTES, onError: tooLarge }))

  // What a browser comes for
  app.get('/', (c) => getHome(c, auth))
  app.get('/authorize', (c) => getAuthorize(c, auth))
  app.post('/authorize', (c) => postAuthorize(c))
  app.get('/login', (c) => c.redirect(`/authorize${new URL(c.req.url).search}`, 303))
  app.post('/login', (c) => postLogin(c, auth))
  app.get('/logout', (c) => getLogout(c, auth))
  app.post('/logout', (c) => postLogout(c, auth))
  app.get('/assets/*', (c) => getAsset(c))

  // What a client's server comes for
  app.post('/token', (c) => answerClient(c, (request) => token(auth, request)))
  app.post('/par', (c) => answerClient(c, (request) => pushRequest(auth, request), 201))
  app.post('/introspect', (c) => answerClient(c, (request) => introspect(auth, request)))
  app.post('/revoke', (c) => answerClient(c, (request) => revoke(auth, request)))
  app.get('/userinfo', async (c) => json(c, await userinfo(auth, clientRequest(c))))
  app.post('/userinfo', async (c) => {
    const form = c.req.header('content-type') ? await formOf(c) : undefined
    return json(c, await userinfo(auth, clientRequest(c, form)))
  })

  // What anybody may know
  app.get('/jwks', (c) => json(c, auth.keyring.publicJwks(), mayBeCached))
  app.get('/status/:list', (c) => getStatusList(c, auth))
  app.get('/.well-known/openid-configuration', (c) => json(c, metadata, mayBeCached))
  app.get('/.well-known/oauth-authorization-server', (c) => json(c, metadata, mayBeCached))
  app.get('/healthz', (c) => getHealth(c, auth))

  app.notFound(notFound)
  app.onError(answerError)
  return app
}
