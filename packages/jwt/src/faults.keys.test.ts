import { createHash } from 'node:crypto'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { AccessToken, remoteKeys, type Verifier } from './index.ts'
import {
  accessToken,
  goodParts,
  ISSUER,
  segment,
  stoppedClock,
  type TestKey,
  testKey,
  verifierOf,
} from './issuer.fixture.ts'

const url = `${ISSUER}/jwks`
let key: TestKey
beforeAll(async () => {
  key = await testKey()
})
afterEach(() => vi.restoreAllMocks())

const verdict = (verifier: Verifier, text: string): Promise<string> =>
  verifier.verify(AccessToken, text).then(
    () => 'good',
    (error) => error.code ?? error.name,
  )

describe('F-50, JW-24: ten thousand tokens, each with an unknown kid of its own', () => {
  /** No two alike, as long as tokens are, and signed with noise: without a key nothing of it is ever checked. */
  function* flood(name: string): Generator<string> {
    const { header, payload } = goodParts(key)
    for (let n = 0; n < 10_000; n++) {
      const noise = createHash('sha512').update(`${name} ${n}`).digest()
      yield [segment({ ...header, kid: noise.toString('hex') }), segment(payload), segment(noise)].join('.')
    }
  }

  test.each([
    ['the issuer answers', false, 'unknown_key', 1],
    ['the issuer is down', true, 'KeysUnavailableError', 8],
  ])(
    '%s: few fetches in 30 s, good tokens pass, and memory stays flat',
    { timeout: 60_000 },
    async (_, isDown, expected, most) => {
      const { now, move } = stoppedClock()
      let isAway = false
      let fetches = 0
      const answer = async () => {
        fetches += 1
        if (isAway) throw new TypeError('connection refused')
        return Response.json({ keys: [key.publicJwk] })
      }
      const verifier = verifierOf(remoteKeys({ url, fetch: answer, now }), { now })
      const good = await accessToken(key.signing, { lifetimeSeconds: 900 })
      const halfAMinute = async (name: string) => {
        const verdicts = new Set<string>()
        const goodOnes = new Set<string>()
        for (const text of flood(name)) {
          verdicts.add(await verdict(verifier, text))
          goodOnes.add(await verdict(verifier, good))
          move(0.003)
        }
        return [...verdicts, ...goodOnes]
      }
      expect(await verdict(verifier, good)).toBe('good')
      move(31)
      isAway = isDown
      fetches = 0
      expect(await halfAMinute('first')).toEqual([expected, 'good'])
      expect(fetches).toBeLessThanOrEqual(most)

      // Again, now that all code has run and all room is made: what is kept of a flood would be seen.
      const before = await heapBytes()
      const largest = largestCollection()
      try {
        expect(await halfAMinute('second')).toEqual([expected, 'good'])
      } finally {
        largest.stop()
      }
      expect(largest.size, 'entries of the largest Map or Set that something was put into').toBeLessThan(20)
      const grown = (await heapBytes()) - before
      expect(grown, 'bytes; the texts weigh six million, the kids alone more than one').toBeLessThan(
        1_000_000,
      )
    },
  )
})

async function heapBytes(): Promise<number> {
  setFlagsFromString('--expose-gc')
  for (let turn = 0; turn < 3; turn++) {
    runInNewContext('gc')()
    await new Promise(setImmediate) // what waited for the end of a turn to be let go
  }
  return process.memoryUsage().heapUsed
}

/** Watches what is put into every `Map` and `Set`. */
function largestCollection() {
  const { set } = Map.prototype
  const { add } = Set.prototype
  const seen = {
    size: 0,
    stop() {
      Map.prototype.set = set
      Set.prototype.add = add
    },
  }
  Map.prototype.set = function (...entry) {
    set.apply(this, entry)
    seen.size = Math.max(seen.size, this.size)
    return this
  }
  Set.prototype.add = function (entry) {
    add.call(this, entry)
    seen.size = Math.max(seen.size, this.size)
    return this
  }
  return seen
}
