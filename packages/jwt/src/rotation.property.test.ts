import fc from 'fast-check'
import { expect, test } from 'vitest'
import { planRotation, type RotatingKey, type RotationPolicy, type RotationStep } from './index.ts'
import { NOON } from './issuer.fixture.ts'

// The seed is stated, so that what fails once fails again.
const SEED = 8725
const RUNS = 1_500

/** How long a token lives, and for how long a server signs with what it last saw: `retiringSeconds` has to cover both. */
interface Policy extends RotationPolicy {
  tokenSeconds: number
  lookSeconds: number
}

interface Server {
  seen: readonly RotatingKey[]
  lookedAt: number
}

/** Two servers on one store, and what goes wrong with them, by name. Times are seconds after noon. */
interface World {
  readonly policy: Policy
  readonly faults: Set<string>
  readonly tally: Record<'promoted' | 'rescued' | 'dropped' | 'signed' | 'too late' | 'lost', number>
  now: number
  keys: readonly RotatingKey[]
  made: number
  /** A current key was lost, and no other has taken its place yet. */
  isEmergency: boolean
  readonly servers: readonly [Server, Server]
  readonly publishedAt: Map<string, number>
  readonly lastTokenEndsAt: Map<string, number>
}

const newWorld = (policy: Policy): World => ({
  policy,
  faults: new Set(),
  tally: { promoted: 0, rescued: 0, dropped: 0, signed: 0, 'too late': 0, lost: 0 },
  now: 0,
  keys: [],
  made: 0,
  isEmergency: false,
  servers: [
    { seen: [], lookedAt: 0 },
    { seen: [], lookedAt: 0 },
  ],
  publishedAt: new Map(),
  lastTokenEndsAt: new Map(),
})

const clock = (world: World) => new Date(NOON.getTime() + world.now * 1000)
const currentOf = (keys: readonly RotatingKey[]) => keys.find(({ state }) => state === 'current')
const FROM = { promote: 'next', retire: 'current', drop: 'retiring' } as const
const TO = { promote: 'current', retire: 'retiring' } as const

/** The keys after one step, forwards only; `undefined` if its key is elsewhere, or if there is a current or next key already. */
function afterStep(world: World, keys: readonly RotatingKey[], step: RotationStep) {
  const id = step.step === 'add' ? `key-${world.made++}` : step.id
  const before = keys.find((key) => key.id === id)?.state
  if (before !== (step.step === 'add' ? undefined : FROM[step.step])) return undefined
  const others = keys.filter((key) => key.id !== id)
  if (step.step === 'drop') return others
  const state = step.step === 'add' ? step.state : TO[step.step]
  const isTaken = state !== 'retiring' && others.some((key) => key.state === state)
  return isTaken ? undefined : [...others, { id, state, since: clock(world) }]
}

/** One transaction, as in the store of the auth app: all steps or none. */
function apply(world: World, steps: readonly RotationStep[]): boolean {
  let after: readonly RotatingKey[] | undefined = world.keys
  for (const step of steps) after &&= afterStep(world, after, step)
  if (!after) return false
  for (const step of steps) watchStep(world, step)
  for (const { id } of after) if (!world.publishedAt.has(id)) world.publishedAt.set(id, world.now)
  if (currentOf(after)) world.isEmergency = false
  world.keys = after
  return true
}

function watchStep(world: World, step: RotationStep): void {
  const { now, policy, faults, tally } = world
  if (step.step === 'promote') {
    const published = now - (world.publishedAt.get(step.id) ?? now)
    if (published < policy.publishedSeconds && !world.isEmergency) faults.add('signs before caches know it')
    tally[world.isEmergency ? 'rescued' : 'promoted'] += 1
  }
  if (step.step === 'add' && step.state === 'current' && world.keys.some(({ state }) => state !== 'retiring'))
    faults.add('signs without having been next')
  if (step.step === 'drop') {
    if ((world.lastTokenEndsAt.get(step.id) ?? 0) > now) faults.add('goes before its last token')
    tally.dropped += 1
  }
}

/** What holds whenever a server has run. Without it a plan that never does anything would do. */
function watchKeys(world: World): void {
  const { policy, faults, keys } = world
  const ages = (wanted: RotatingKey['state']) =>
    keys
      .filter(({ state }) => state === wanted)
      .map(({ since }) => (clock(world).getTime() - since.getTime()) / 1000)
  const [current = -1, ...moreCurrent] = ages('current')
  const [next = -1, ...moreNext] = ages('next')
  const retiring = ages('retiring')
  if (current < 0 || moreCurrent.length > 0) faults.add('not one current key')
  if (next < 0 || moreNext.length > 0) faults.add('not one next key')
  if (current >= policy.currentSeconds && next >= policy.publishedSeconds) faults.add('signs for too long')
  if (retiring.some((age) => age >= policy.retiringSeconds)) faults.add('stays for too long')
  if (retiring.length > Math.ceil(policy.retiringSeconds / policy.currentSeconds))
    faults.add('a crowd of keys')
  if (planRotation(keys, clock(world), policy).length > 0) faults.add('what is done is done again')
}

function look(world: World, server: Server): void {
  server.seen = world.keys
  server.lookedAt = world.now
}

const plan = (world: World, server: Server) => planRotation(server.seen, clock(world), world.policy)

const acts = {
  /** As the auth app does: looks, carries out, looks again. */
  runs(world: World, server: Server) {
    look(world, server)
    if (!apply(world, plan(world, server)))
      world.faults.add('a plan for the keys as they are cannot be carried out')
    look(world, server)
    watchKeys(world)
  },

  /** Plans from what it saw a while ago: the other may have been first. */
  'runs late'(world: World, server: Server) {
    if (!apply(world, plan(world, server))) world.tally['too late'] += 1
    look(world, server)
  },

  /** Carries out some steps one by one, and dies. */
  'breaks off'(world: World, server: Server, steps: number) {
    look(world, server)
    for (const step of plan(world, server).slice(0, steps))
      if (!apply(world, [step])) world.faults.add('a step cannot be carried out where it stands')
  },

  signs(world: World, server: Server) {
    const isStale = world.now - server.lookedAt > world.policy.lookSeconds
    if (isStale || !currentOf(server.seen)) acts.runs(world, server)
    const id = currentOf(server.seen)?.id ?? ''
    if (!world.publishedAt.has(id)) return // lost, and this server does not know yet: its tokens are refused, as they should
    if (!world.keys.some((key) => key.id === id)) world.faults.add('signs when it is gone')
    world.lastTokenEndsAt.set(id, world.now + world.policy.tokenSeconds)
    world.tally.signed += 1
  },

  /** Somebody takes the current key away because it was stolen. */
  'loses the current key'(world: World) {
    const stolen = currentOf(world.keys)
    if (!stolen) return
    world.keys = world.keys.filter((key) => key !== stolen)
    world.publishedAt.delete(stolen.id)
    world.lastTokenEndsAt.delete(stolen.id)
    world.isEmergency = true
    world.tally.lost += 1
  },
}

const policies: fc.Arbitrary<Policy> = fc
  .record({
    currentSeconds: fc.integer({ min: 1, max: 100 }),
    publishedSeconds: fc.integer({ min: 1, max: 150 }), // may be longer than a key signs
    tokenSeconds: fc.integer({ min: 1, max: 60 }),
    lookSeconds: fc.integer({ min: 0, max: 30 }),
  })
  .map((policy) => ({ ...policy, retiringSeconds: policy.tokenSeconds + policy.lookSeconds }))

const everyday = fc.constantFrom<keyof typeof acts>('runs', 'signs')
const rarely = fc.constantFrom<keyof typeof acts>('runs late', 'breaks off', 'loses the current key')
const lives = fc.array(
  fc.record({
    afterSeconds: fc.oneof(fc.nat(5), fc.nat(50), fc.nat(1_000)),
    server: fc.constantFrom<0 | 1>(0, 1),
    act: fc.oneof({ weight: 6, arbitrary: everyday }, rarely),
    steps: fc.nat(3),
  }),
  { minLength: 10, maxLength: 80, size: 'max' },
)

test('whatever two servers do and sleep through, one key signs, known to every cache, and stays until its last token has ended (JW-26, F-53, F-56)', {
  timeout: 60_000,
}, () => {
  const total: Record<string, number> = {}
  fc.assert(
    fc.property(policies, lives, (policy, life) => {
      const world = newWorld(policy)
      for (const { afterSeconds, server, act, steps } of life) {
        world.now += afterSeconds
        acts[act](world, world.servers[server], steps)
      }
      expect([...world.faults]).toEqual([])
      for (const [what, times] of Object.entries(world.tally)) total[what] = (total[what] ?? 0) + times
    }),
    { seed: SEED, numRuns: RUNS },
  )
  expect(Math.min(...Object.values(total))).toBeGreaterThan(RUNS / 10)
})
