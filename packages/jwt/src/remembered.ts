interface Entry<Value> {
  text: string
  value: Value
  /** Seconds since 1970. */
  endsAt: number
  wasUsed: boolean
}

/** Values by their text: bounded, and a flood of texts that come once drives out none that come again. */
export interface Remembered<Value> {
  get(text: string): Value | undefined
  /** `endsAt`, `now`: seconds since 1970. What has ended is swept out, two steps for each text that comes in. */
  set(text: string, value: Value, endsAt: number, now: number): void
  forget(text: string): void
  clear(): void
  size(): number
}

// The end of a text is that of its signature: as good a key as the whole and hashed in a tenth of the time. The whole is compared.
const keyOf = (text: string) => text.slice(-43)

/**
 * Keeps `most` values. Who has to go is found by SIEVE (Zhang et al., NSDI 2024): a hand walks from the oldest on and takes the
 * first that was not used since it last came by. A look-up moves nothing, it only leaves a mark.
 */
export function remember<Value>(most: number): Remembered<Value> {
  const entries = new Map<string, Entry<Value>>()
  let hand = entries.entries()
  let broom = entries.entries()

  function turn(): void {
    const { done, value } = hand.next()
    if (done) hand = entries.entries()
    else if (value[1].wasUsed) value[1].wasUsed = false
    else entries.delete(value[0])
  }

  function sweep(now: number): void {
    const { done, value } = broom.next()
    if (done) broom = entries.entries()
    else if (value[1].endsAt <= now) entries.delete(value[0])
  }

  return {
    get(text) {
      const entry = entries.get(keyOf(text))
      if (entry?.text !== text) return undefined
      entry.wasUsed = true
      return entry.value
    },
    set(text, value, endsAt, now) {
      if (most === 0) return
      sweep(now)
      sweep(now)
      entries.delete(keyOf(text))
      while (entries.size >= most) turn()
      entries.set(keyOf(text), { text, value, endsAt, wasUsed: false })
    },
    forget: (text) => void entries.delete(keyOf(text)),
    clear: () => entries.clear(),
    size: () => entries.size,
  }
}
