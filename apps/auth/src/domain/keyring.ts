import {
  type AsymmetricAlgorithm,
  createSealer,
  generateKey,
  importPrivateKey,
  planRotation,
  type RotationPolicy,
  type RotationStep,
  type SigningKey,
} from '@grove/jwt'
import type { KeyChange, SigningKeyStore, StoredKey } from './signing-keys.ts'

const DAY_SECONDS = 86_400

/** Published an hour before it signs, since nobody keeps our key set longer; kept a day after, longer than any token lives. */
const POLICY: RotationPolicy = {
  currentSeconds: 30 * DAY_SECONDS,
  publishedSeconds: 3_600,
  retiringSeconds: DAY_SECONDS,
}

/** ES256 is the default; RS256 has to be there (OpenID Connect Core 1.0 §15.1). */
export const SIGNING_ALGORITHMS = ['ES256', 'RS256', 'Ed25519'] as const satisfies AsymmetricAlgorithm[]

export interface Keyring {
  /** The key that signs now. */
  current(algorithm: AsymmetricAlgorithm): SigningKey
  /** For how long the key of each algorithm has been signing. */
  agesSeconds(now: Date): ReadonlyMap<string, number>
  /** Every public key that a living token may need, and the ones that will sign next (RFC 7517). */
  publicJwks(): { keys: Record<string, unknown>[] }
  /** Makes, promotes, retires and drops keys as the policy says. Of several processes one does it, all see it. */
  rotate(now: Date): Promise<void>
  /**
   * Makes every next key sign now, before its day. Answers 0; or for how many seconds a next key has to be published yet, and then
   * nothing was changed, since sites may not know it.
   */
  promote(now: Date, options: { mayBeYoung: boolean }): Promise<number>
  /** Drops a key at once, whatever it was for, and puts the next in its place: nothing it signed is worth anything then. */
  withdraw(keyId: string, now: Date): Promise<'withdrawn' | 'unknown' | 'changed_meanwhile'>
}

/**
 * Opens the signing keys, and makes the first ones.
 * @throws Error if a stored key cannot be opened with these secrets: a new key is never made in silence
 */
export async function openKeyring(
  store: SigningKeyStore,
  secrets: readonly string[],
  now: Date,
): Promise<Keyring> {
  const sealer = createSealer({ secrets, purpose: 'signing-key' })
  const imported = new Map<string, SigningKey>()
  let published: { keys: Record<string, unknown>[] } = { keys: [] }
  let signing = new Map<string, SigningKey>()
  let since = new Map<string, Date>()

  async function privateKey(key: StoredKey): Promise<SigningKey> {
    const known = imported.get(key.id)
    if (known) return known
    const jwk = await sealer.open(key.sealedPrivateKey)
    if (!jwk)
      throw new Error(
        `The signing key ${key.id} cannot be opened with AUTH_SECRET: restore the secret it was sealed with.`,
      )
    const opened = await importPrivateKey(jwk, key.algorithm as AsymmetricAlgorithm) // only asymmetric keys are stored
    imported.set(key.id, opened)
    return opened
  }

  async function changeFor(step: RotationStep, algorithm: AsymmetricAlgorithm, at: Date): Promise<KeyChange> {
    if (step.step !== 'add') return { change: step.step, keyId: step.id, at }
    const { kid, privateJwk, publicJwk } = await generateKey(algorithm)
    const sealedPrivateKey = await sealer.seal(privateJwk)
    return {
      change: 'add',
      key: {
        id: kid,
        algorithm,
        state: step.state,
        since: at,
        sealedPrivateKey,
        publicJwk: { ...publicJwk },
      },
    }
  }

  const changesFor = (
    steps: RotationStep[],
    algorithm: AsymmetricAlgorithm,
    at: Date,
  ): Promise<KeyChange[]> => Promise.all(steps.map((step) => changeFor(step, algorithm, at)))

  async function load(): Promise<StoredKey[]> {
    const keys = await store.all()
    const current = keys.filter(({ state }) => state === 'current')
    // The next one too: on the day it is promoted it would be too late to find that it does not open.
    await Promise.all(keys.filter(({ state }) => state === 'next').map(privateKey))
    signing = new Map(
      await Promise.all(current.map(async (key) => [key.algorithm, await privateKey(key)] as const)),
    )
    since = new Map(current.map((key) => [key.algorithm, key.since]))
    const publicJwks = keys.map(({ publicJwk }) => publicJwk)
    // Another object says that the keys are others: whoever verified with them forgets what he verified.
    if (JSON.stringify(publicJwks) !== JSON.stringify(published.keys)) published = { keys: publicJwks }
    return keys
  }

  async function rotate(at: Date, policy = POLICY): Promise<void> {
    const keys = await load()
    for (const algorithm of SIGNING_ALGORITHMS) {
      const steps = planRotation(
        keys.filter((key) => key.algorithm === algorithm),
        at,
        policy,
      )
      if (steps.length > 0) await store.apply(await changesFor(steps, algorithm, at))
    }
    await load() // also when another process was first
  }

  async function promote(at: Date, { mayBeYoung }: { mayBeYoung: boolean }): Promise<number> {
    const next = (await load()).filter(({ state }) => state === 'next')
    const ages = next.map(({ since }) => (at.getTime() - since.getTime()) / 1000)
    const missing = Math.ceil(Math.max(0, ...ages.map((age) => POLICY.publishedSeconds - age)))
    if (missing > 0 && !mayBeYoung) return missing
    await rotate(at, { ...POLICY, currentSeconds: 0, publishedSeconds: 0 })
    return 0
  }

  async function withdraw(keyId: string, at: Date) {
    const keys = await load()
    const key = keys.find(({ id }) => id === keyId)
    if (!key) return 'unknown'
    const others = keys.filter(({ id, algorithm }) => id !== keyId && algorithm === key.algorithm)
    const steps = planRotation(others, at, POLICY)
    const changes = await changesFor(steps, key.algorithm as AsymmetricAlgorithm, at) // only asymmetric keys are stored
    const isDone = await store.apply([{ change: 'withdraw', keyId, at }, ...changes])
    await load()
    return isDone ? 'withdrawn' : 'changed_meanwhile'
  }

  await rotate(now)
  return {
    current(algorithm) {
      const key = signing.get(algorithm)
      if (!key) throw new Error(`there is no current ${algorithm} key`)
      return key
    },
    agesSeconds: (at) =>
      new Map([...since].map(([algorithm, from]) => [algorithm, (at.getTime() - from.getTime()) / 1000])),
    publicJwks: () => published,
    rotate: (at) => rotate(at),
    promote,
    withdraw,
  }
}
