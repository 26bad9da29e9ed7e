import type { SchemaName } from './schemas.ts'

/** What one route takes and answers, in the words of `parameters.ts` and `schemas.ts`: the OpenAPI document is made of it. */
export interface Operation {
  for: 'people' | 'clients' | 'everyone' | 'operators'
  /** Names of parameters; `!` says that it does not work without. */
  query?: string
  form?: string
  headers?: string
  /** What each status brings: a schema of JSON, `page`, `redirect`, `nothing`, or another media type. */
  answers: Record<number, SchemaName | 'page' | 'redirect' | 'nothing' | `${string}/${string}`>
  /** How whoever asks proves himself. */
  proof?: readonly ('client' | 'token' | 'operator' | 'session')[]
  /** Pages of registered public clients may call it (RFC 10017 §6.3). */
  isForBrowsers?: boolean
}

const REQUEST =
  'client_id! redirect_uri response_type scope state nonce code_challenge code_challenge_method response_mode prompt max_age ' +
  'login_hint id_token_hint claims acr_values ui_locales resource dpop_jkt request_uri traceparent'
const LOGOUT = 'id_token_hint logout_hint client_id post_logout_redirect_uri state ui_locales traceparent'
const CLIENT = 'client_id client_secret client_assertion client_assertion_type'
const PAGE = { 200: 'page', 400: 'page', 503: 'page' } as const
const REFUSED = { 400: 'Error', 401: 'Error', 429: 'Error', 503: 'Error' } as const
const BY_CLIENT = { for: 'clients', proof: ['client'] } as const
const BY_TOKEN = { for: 'clients', proof: ['token'], headers: 'DPoP', isForBrowsers: true } as const
const USERINFO = { 200: 'Userinfo', 400: 'Error', 401: 'Error', 403: 'Error', 503: 'Error' } as const

/** Pages: without a cookie they ask to log in, with it they show what is this person's. */
export const page: Operation = { for: 'people', proof: ['session'], answers: PAGE }
/** Forms of our own pages. */
const ownForm = (form: string): Operation => ({
  for: 'people',
  proof: ['session'],
  form: `form_token! ${form}`,
  answers: { ...PAGE, 303: 'redirect', 403: 'page', 422: 'page', 429: 'page' },
})

export const authorize: Operation = {
  for: 'people',
  proof: ['session'],
  query: REQUEST,
  answers: { ...PAGE, 303: 'redirect' },
}
export const postedAuthorize: Operation = {
  for: 'people',
  form: REQUEST,
  answers: { 303: 'redirect', 400: 'page' },
}
export const loginForm: Operation = { ...ownForm('email password intent'), query: REQUEST }
export const openedLogin: Operation = { for: 'people', query: REQUEST, answers: { 303: 'redirect' } }
export const consentForm: Operation = { ...ownForm('intent'), query: REQUEST }
export const register: Operation = { ...authorize, answers: { ...authorize.answers, 404: 'page' } }
export const registerForm: Operation = { ...ownForm('email password name'), query: REQUEST }
export const opened: Operation = { ...page, answers: { ...PAGE, 303: 'redirect' } }
export const accountForm: Operation = ownForm('act! session client')
export const passwordForm: Operation = ownForm('present_password new_password')
export const endSession: Operation = {
  for: 'people',
  proof: ['session'],
  query: LOGOUT,
  answers: { ...PAGE, 303: 'redirect' },
}
export const postedEndSession: Operation = {
  ...ownForm(''),
  form: `${LOGOUT} form_token intent`,
}
export const cookiesForm: Operation = { for: 'people', answers: { 303: 'redirect', 403: 'page' } }
export const asset: Operation = { for: 'people', answers: { 200: '*/*', 404: 'page' } }

export const token: Operation = {
  ...BY_CLIENT,
  form: `grant_type! code redirect_uri code_verifier refresh_token scope resource ${CLIENT}`,
  headers: 'DPoP',
  answers: { 200: 'Tokens', ...REFUSED },
  isForBrowsers: true,
}
export const pushed: Operation = {
  ...BY_CLIENT,
  form: `${REQUEST.replace(' request_uri', '').replace('client_id! ', '')} ${CLIENT}`,
  headers: 'DPoP',
  answers: { 201: 'PushedRequest', ...REFUSED },
  isForBrowsers: true,
}
export const introspected: Operation = {
  ...BY_CLIENT,
  form: `token! token_type_hint ${CLIENT}`,
  answers: { 200: 'Introspection', ...REFUSED, 403: 'Error' },
}
export const revoked: Operation = {
  ...BY_CLIENT,
  form: `token! token_type_hint ${CLIENT}`,
  answers: { 200: 'Nothing', ...REFUSED },
  isForBrowsers: true,
}
export const userinfo: Operation = { ...BY_TOKEN, answers: USERINFO }
export const postedUserinfo: Operation = { ...BY_TOKEN, form: 'access_token', answers: USERINFO }

export const keySet: Operation = { for: 'everyone', answers: { 200: 'KeySet' } }
export const metadata: Operation = { for: 'everyone', answers: { 200: 'Metadata' } }
export const statusList: Operation = {
  for: 'everyone',
  headers: 'If-None-Match',
  answers: { 200: 'application/statuslist+jwt', 304: 'nothing', 404: 'Error', 503: 'Error' },
}
export const document: Operation = { for: 'everyone', answers: { 200: 'Document' } }
export const docs: Operation = { for: 'people', answers: { 200: 'page' } }

export const alive: Operation = { for: 'operators', answers: { 200: 'Health' } }
export const ready: Operation = { for: 'operators', answers: { 200: 'Health', 503: 'Health' } }
export const metrics: Operation = {
  for: 'operators',
  proof: ['operator'],
  answers: { 200: 'text/plain', 401: 'Error', 404: 'Error' },
}
