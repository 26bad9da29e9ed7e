import { Hono } from 'hono'
import type { Auth } from './auth.ts'
import { introspect } from './protocol/introspect.ts'
import { pushRequest } from './protocol/par.ts'
import { revoke } from './protocol/revoke.ts'
import { token } from './protocol/token.ts'
import { getAccount, postAccount, postPassword } from './routes/account.ts'
import { redirect } from './routes/answers.ts'
import { getAsset } from './routes/assets.ts'
import { getAuthorize, postAuthorize, postLogin } from './routes/authorize.ts'
import { browserCalls } from './routes/browser-calls.ts'
import { endpoint, getUserinfo, postUserinfo } from './routes/clients.ts'
import { postConsent } from './routes/consent.ts'
import { getDocs, getDocument } from './routes/docs.ts'
import { answerError, methodNotAllowed, notFound } from './routes/failures.ts'
import { getHealth, getReadiness } from './routes/health.ts'
import { getHome } from './routes/home.ts'
import { limitBody } from './routes/limit-body.ts'
import { limitHeaders, postCookies } from './routes/limit-headers.ts'
import { getLogout, postLogout } from './routes/logout.ts'
import { getKeys, getMetadata } from './routes/metadata.ts'
import { getMetrics } from './routes/metrics.ts'
import { observe, strictTransport } from './routes/observe.ts'
import * as does from './routes/operations.ts'
import { getRegister, postRegister } from './routes/register.ts'
import { queryOf } from './routes/requests.ts'
import { get, methodsOf, post, type Route } from './routes/route.ts'
import { getStatusList } from './routes/status.ts'
import { traceRequests } from './routes/trace.ts'

const MOST_BODY_BYTES = 16_384
/** For Node's parser: more than is taken (limit-headers.ts), so that a browser with too many cookies gets an answer that helps. */
export const MOST_HEADER_BYTES_READ = 65_536

const openForm: Route['answer'] = (c) => redirect(c, `/authorize?${queryOf(c)}`)

/** Every URL this server answers, on one screen. Routes, `Allow`, the OpenAPI document and its page all follow from it. */
export const ROUTES: readonly Route[] = [
  // What a browser comes for
  get('/', getHome, 'On to the account page, or for a stranger to the sites', does.opened),
  get('/authorize', getAuthorize, 'Asks for a login (OpenID Connect Core 1.0 §3.1.2)', does.authorize),
  post('/authorize', postAuthorize, 'The same as a form', does.postedAuthorize),
  get('/login', openForm, 'The address of the login form, opened by itself', does.openedLogin),
  post('/login', postLogin, 'The login form', does.loginForm),
  get('/consent', openForm, 'The address of the consent form, opened by itself', does.openedLogin),
  post('/consent', postConsent, 'The consent form', does.consentForm),
  get('/register', getRegister, 'A new account, where people may make one', does.register),
  post('/register', postRegister, 'The form for a new account', does.registerForm),
  get('/account', getAccount, 'Devices, applications, events and password of who is signed in', does.page),
  post('/account', postAccount, 'Ends a device, a site on a device, or a consent', does.accountForm),
  post('/account/password', postPassword, 'A new password', does.passwordForm),
  get('/logout', getLogout, 'Ends the login everywhere (RP-Initiated Logout 1.0)', does.endSession),
  post('/logout', postLogout, 'The same as a form, and our own question', does.postedEndSession),
  post(
    '/cookies',
    postCookies,
    'Takes the cookies of this server away, when they are too many',
    does.cookiesForm,
  ),
  get('/assets/*', getAsset, 'Style sheet, fonts, icon and script of the pages', does.asset),

  // What a client comes for
  post('/token', endpoint(token), 'Tokens for a code, a refresh token, or the client itself', does.token),
  post('/par', endpoint(pushRequest, 201), 'Takes an authorization request (RFC 9126)', does.pushed),
  post('/introspect', endpoint(introspect), 'What a token says (RFC 7662)', does.introspected),
  post('/revoke', endpoint(revoke), 'Ends the grant of a token (RFC 7009)', does.revoked),
  get('/userinfo', getUserinfo, 'Claims of the person (OpenID Connect Core 1.0 §5.3)', does.userinfo),
  post('/userinfo', postUserinfo, 'The same, with the token in the form', does.postedUserinfo),

  // What anybody may know
  get('/jwks', getKeys, 'The public keys that tokens are verified with (RFC 7517 §5)', does.keySet),
  get('/status/:list', getStatusList, 'Which grants are revoked (Token Status List)', does.statusList),
  get('/.well-known/openid-configuration', getMetadata, 'What this server can do', does.metadata),
  get('/.well-known/oauth-authorization-server', getMetadata, 'The same (RFC 8414)', does.metadata),
  get('/openapi.json', (c, auth) => getDocument(c, auth, ROUTES), 'This document', does.document),
  get('/docs', (c, auth) => getDocs(c, auth, ROUTES), 'This document, to read', does.docs),

  // What its operator comes for
  get('/healthz', getHealth, 'It runs', does.alive),
  get('/readyz', getReadiness, 'It can do its work', does.ready),
  get('/metrics', getMetrics, 'What was counted, for Prometheus', does.metrics),
]

export function createApp(auth: Auth): Hono {
  const app = new Hono()
  if (auth.tracer) app.use(traceRequests(auth, auth.tracer, ROUTES))
  app.use(observe(auth, ROUTES))
  if (auth.hasStrictTransport) app.use(strictTransport)
  app.use(limitHeaders)
  app.use(limitBody(MOST_BODY_BYTES))

  const forBrowsers = ROUTES.filter((route) => route.isForBrowsers).map(({ path }) => path)
  for (const path of new Set(forBrowsers)) app.use(path, browserCalls(auth))
  for (const { method, path, answer } of ROUTES) app.on(method, path, (c) => answer(c, auth))
  for (const { path } of ROUTES) app.all(path, (c) => methodNotAllowed(c, methodsOf(ROUTES, path)))

  app.notFound(notFound)
  app.onError(answerError(auth.telemetry))
  return app
}
