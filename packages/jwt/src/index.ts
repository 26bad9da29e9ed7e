export { audiences, type ClaimCheck, flag, optional, text, time, wholeNumber } from './claims.ts'
export { KeysUnavailableError, TokenError, type TokenErrorCode } from './errors.ts'
export { issue } from './issue.ts'
export {
  type Algorithm,
  type AsymmetricAlgorithm,
  generateKey,
  importPrivateKey,
  type KeySource,
  localKeys,
  type SigningKey,
  secretKeys,
} from './keys.ts'
export {
  AccessToken,
  type AccessTokenClaims,
  type CommonClaims,
  defineToken,
  FormToken,
  type FormTokenClaims,
  IdToken,
  type IdTokenClaims,
  IdTokenHint,
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
export { createVerifier, type Verified, type Verifier } from './verify.ts'
