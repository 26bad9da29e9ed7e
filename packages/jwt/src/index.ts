export { audiences, type ClaimCheck, flag, optional, text, time, wholeNumber } from './claims.ts'
export { KeysUnavailableError, TokenError, type TokenErrorCode } from './errors.ts'
export { issue } from './issue.ts'
export {
  type Algorithm,
  type AsymmetricAlgorithm,
  generateKey,
  importPrivateKey,
  type KeySet,
  type KeySource,
  localKeys,
  type SigningKey,
  secretKeys,
  type WantedKey,
} from './keys.ts'
export {
  AccessToken,
  type AccessTokenClaims,
  ActionToken,
  type ActionTokenClaims,
  type CommonClaims,
  defineToken,
  IdToken,
  type IdTokenClaims,
  IdTokenHint,
  type IdTokenHintClaims,
  LOGOUT_EVENT,
  LogoutToken,
  type LogoutTokenClaims,
  type StatusListClaims,
  StatusListToken,
  type StatusReference,
  type TokenKind,
} from './kinds.ts'
export { remoteKeys } from './remote-keys.ts'
export { memoryReplayStore, type ReplayStore, verifyOnce } from './replay.ts'
export { planRotation, type RotatingKey, type RotationPolicy, type RotationStep } from './rotation.ts'
export { createSealer, type Sealer } from './seal.ts'
export { createStatusLists, type StatusLists, type TokenStatus } from './status.ts'
export { decodeStatusList, encodeStatusList, statusAt } from './status-list.ts'
export { createStatusPublisher, type PublishedList, type StatusPublisher } from './status-publisher.ts'
export { createVerifier, type Verified, type Verifier, type VerifierOptions } from './verify.ts'
