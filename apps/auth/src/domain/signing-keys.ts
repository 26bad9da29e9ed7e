import type { Algorithm } from '@grove/jwt'

export type KeyState = 'next' | 'current' | 'retiring'

/** A signing key as it is stored: the private half only sealed with `AUTH_SECRET`. */
export interface StoredKey {
  id: string
  algorithm: Algorithm
  state: KeyState
  /** When it entered `state`. */
  since: Date
  sealedPrivateKey: string
  publicJwk: Record<string, unknown>
}

/** A change of the key set. Each is carried out only if the key is in the state that the change starts from. */
export type KeyChange =
  | { change: 'add'; key: StoredKey }
  | { change: 'promote' | 'retire' | 'drop'; keyId: string; at: Date }
  /** From any state: it is not to be trusted any more. */
  | { change: 'withdraw'; keyId: string; at: Date }

export interface SigningKeyStore {
  all(): Promise<StoredKey[]>
  /**
   * Carries out all changes in one transaction, with their events. `false`: another process was first (for one algorithm there
   * is at most one `current` and one `next` key, kept by a unique index), nothing was changed: read again.
   */
  apply(changes: KeyChange[]): Promise<boolean>
}
