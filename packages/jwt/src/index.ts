export { audiences, type ClaimCheck, flag, identifier, text, time, wholeNumber } from './claims.ts'
export * from './dpop.ts'
export * from './errors.ts'
export * from './issue.ts'
export {
  type Algorithm,
  type AsymmetricAlgorithm,
  generateKey,
  importPrivateKey,
  isPublicKey,
  type KeySet,
  type KeySource,
  localKeys,
  type SigningKey,
  type WantedKey,
} from './keys.ts'
export * from './kinds.ts'
export * from './remote-keys.ts'
export * from './replay.ts'
export * from './rotation.ts'
export * from './seal.ts'
export { secretKeys } from './secrets.ts'
export * from './status.ts'
export * from './status-list.ts'
export * from './status-publisher.ts'
export { readAtMost } from './streams.ts'
export { createVerifier, type Verified, type Verifier, type VerifierOptions } from './verify.ts'
