/** A signing key's way: published as `next`, then `current` (it signs), then `retiring` (it only verifies), then gone. */
export interface RotatingKey {
  id: string
  state: 'next' | 'current' | 'retiring'
  /** When it entered its state. */
  since: Date
}

export interface RotationPolicy {
  /** How long a key signs. */
  currentSeconds: number
  /** How long a key is published before it signs: longer than any cache keeps the key set. */
  publishedSeconds: number
  /** How long it verifies afterwards: the longest life of a token, and the caches. */
  retiringSeconds: number
}

export type RotationStep =
  | { step: 'add'; state: 'current' | 'next' }
  | { step: 'promote' | 'retire' | 'drop'; id: string }

/**
 * What has to change now, in order, for the keys of one algorithm. Pure: with the steps carried out there is exactly one
 * current and one next key, and every token that lives can be verified.
 */
export function planRotation(
  keys: readonly RotatingKey[],
  now: Date,
  policy: RotationPolicy,
): RotationStep[] {
  const ageSeconds = (key: RotatingKey) => (now.getTime() - key.since.getTime()) / 1000
  const current = keys.find(({ state }) => state === 'current')
  const next = keys.find(({ state }) => state === 'next')
  const steps: RotationStep[] = keys
    .filter((key) => key.state === 'retiring' && ageSeconds(key) >= policy.retiringSeconds)
    .map(({ id }) => ({ step: 'drop', id }))

  const isDue = current && ageSeconds(current) >= policy.currentSeconds
  const isReady = next && ageSeconds(next) >= policy.publishedSeconds
  if (current && next && isDue && isReady) {
    steps.push(
      { step: 'retire', id: current.id },
      { step: 'promote', id: next.id },
      { step: 'add', state: 'next' },
    )
  } else {
    if (!current) steps.push(next ? { step: 'promote', id: next.id } : { step: 'add', state: 'current' })
    if (!next || !current) steps.push({ step: 'add', state: 'next' })
  }
  return steps
}
