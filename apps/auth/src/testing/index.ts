export {
  answerIn,
  askAs,
  authorizationRequest,
  Browser,
  CHALLENGE,
  codeIn,
  credentials,
  errorOf,
  errorOnPage,
  pageError,
  redeem,
  refresh,
  type Tokens,
  tokensIn,
  userinfo,
  VERIFIER,
} from './browser.ts'
export { buildServer, builtServer } from './built.ts'
export { CLIENTS, SITE_A, SITE_B, secretOf } from './clients.ts'
export { headerOf, type LogoutReceiver, openLogoutReceiver, payloadOf } from './logout-receiver.ts'
export { askOracle, type Witness } from './oracle.ts'
export { type PostgresServer, startPostgres } from './postgres-server.ts'
export { providerAt, registrationOf } from './process.ts'
export {
  ISSUER,
  openProvider,
  PASSWORDS,
  type Person,
  type Provider,
  type ProviderOptions,
  SECRETS,
} from './provider.ts'
export { openSql, type Sql } from './sql.ts'
