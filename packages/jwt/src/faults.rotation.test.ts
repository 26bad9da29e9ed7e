import { expect, test } from 'vitest'
import {
  AccessToken,
  localKeys,
  planRotation,
  type RotatingKey,
  type RotationPolicy,
  remoteKeys,
  type Verifier,
} from './index.ts'
import { accessToken, ISSUER, stoppedClock, type TestKey, testKey, verifierOf } from './issuer.fixture.ts'

const CLIENTS = 16
const verdict = (verifier: Verifier, text: string): Promise<string> =>
  verifier.verify(AccessToken, text).then(
    () => 'good',
    (error) => error.code ?? error.name,
  )

type IssuerKey = RotatingKey & { pair: TestKey }

/** An issuer that changes its keys as planned, and whose key set can be had as it was some time ago. */
async function rotatingIssuer(now: () => Date, policy: RotationPolicy) {
  let keys: IssuerKey[] = []
  const past: { at: number; body: string }[] = []
  const current = () => {
    const key = keys.find(({ state }) => state === 'current')
    if (!key) throw new Error('no current key')
    return key.pair.signing
  }
  async function rotate() {
    const enter = (id: string, state: RotatingKey['state']) => {
      keys = keys.map((key) => (key.id === id ? { ...key, state, since: now() } : key))
    }
    for (const step of planRotation(keys, now(), policy)) {
      if (step.step === 'add') {
        const pair = await testKey()
        keys.push({ id: pair.signing.kid, state: step.state, since: now(), pair })
      } else if (step.step === 'drop') keys = keys.filter(({ id }) => id !== step.id)
      else enter(step.id, step.step === 'promote' ? 'current' : 'retiring')
    }
    past.push({ at: now().getTime(), body: JSON.stringify({ keys: keys.map(({ pair }) => pair.publicJwk) }) })
  }
  const fetchAsItWas = (secondsAgo: number) => async () => {
    const moment = now().getTime() - secondsAgo * 1000
    const set = past.findLast(({ at }) => at <= moment) ?? past[0]
    await new Promise(setImmediate)
    return new Response(set?.body)
  }
  await rotate()
  return { current, rotate, fetchAsItWas }
}

test('F-53, F-56: in three hours of rotation no client refuses a living token, behind a stale cache or just started', async () => {
  const { now, move } = stoppedClock()
  // Keys change as often as publishing them first allows: 25 minutes, for a site keeps them 10 and the cache another 10.
  const policy = { currentSeconds: 300, publishedSeconds: 1500, retiringSeconds: 600 }
  const issuer = await rotatingIssuer(now, policy)
  const start = (place: number) => {
    const fetch = issuer.fetchAsItWas(place % 2 ? 600 : 0)
    return verifierOf(remoteKeys({ url: `${ISSUER}/jwks`, fetch, now }), { now })
  }
  const clients = Array.from({ length: CLIENTS }, (_, place) => start(place))
  const kids = new Set<string>()
  const verdicts = new Set<string>()
  const lastWords = new Set<string>()
  let living: { text: string; endsAt: number }[] = []
  for (let minute = 0; minute < 180; minute++) {
    const restarted = minute % (CLIENTS - 2) // two run all the time
    clients[restarted] = start(restarted)
    const signer = issuer.current()
    kids.add(signer.kid)
    const text = await accessToken(signer, { now: now(), lifetimeSeconds: 300 })
    living.push({ text, endsAt: now().getTime() + 300_000 })
    const asked = clients.flatMap((client) => living.map((token) => verdict(client, token.text)))
    await issuer.rotate() // in the middle of it
    for (const one of await Promise.all(asked)) verdicts.add(one)
    move(60)
    const ended = living.filter(({ endsAt }) => endsAt < now().getTime())
    for (const { text } of ended) for (const client of clients) lastWords.add(await verdict(client, text))
    living = living.filter((one) => !ended.includes(one))
  }
  expect([...verdicts]).toEqual(['good'])
  expect([...lastWords]).toEqual(['expired']) // and for no other reason
  expect(kids.size).toBeGreaterThanOrEqual(7)
})

test('F-53: sixteen clients verify without a pause while the key set changes every few milliseconds', async () => {
  const pool = await Promise.all(Array.from({ length: 60 }, () => testKey()))
  // Ten are published: the sixth signs, four are yet to sign, five have signed.
  let first = 0
  const published = () => pool.slice(first, first + 10)
  let set = { keys: published().map(({ publicJwk }) => publicJwk) }
  const verifier = verifierOf(localKeys(() => set))
  const verdicts = new Map<string, number>()
  const older: { text: string; place: number }[] = []
  let verified = 0

  async function client(): Promise<void> {
    while (first < 50) {
      const place = first + 5
      const text = await accessToken((pool[place] as TestKey).signing) // within the pool
      older.push({ text, place })
      // One that was signed some rotations ago, and whose key is published for some more.
      const old = older.find(({ place }) => place === first + 2)
      for (const one of [text, ...(old ? [old.text] : [])]) {
        const seen = await verdict(verifier, one)
        verdicts.set(seen, (verdicts.get(seen) ?? 0) + 1)
        verified += 1
        if (verified % 20 !== 0) continue
        first += 1
        set = { keys: published().map(({ publicJwk }) => publicJwk) }
      }
    }
  }
  await Promise.all(Array.from({ length: CLIENTS }, client))
  expect([...verdicts.keys()]).toEqual(['good'])
  expect(verdicts.get('good')).toBeGreaterThanOrEqual(1000)
  expect(first).toBeGreaterThanOrEqual(50)
})
