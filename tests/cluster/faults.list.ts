import { CLOCKS } from './clocks.ts'
import { CRASHES } from './crashes.ts'
import { DISK } from './disk.ts'
import type { Fault } from './fault.ts'
import { FLOODS } from './floods.ts'
import { GROWTH } from './growth.ts'
import { ISOLATION } from './isolation.ts'
import { KEYS } from './keys.ts'
import { LOCKED } from './locked.ts'
import { OUTAGES } from './outages.ts'
import { POOL } from './pool.ts'
import { POWER } from './power.ts'
import { RACES } from './races.ts'
import { RESTARTS } from './restarts.ts'
import { SITES } from './sites.ts'
import { SLOW } from './slow.ts'
import { STARTS } from './starts.ts'
import { STOPS } from './stops.ts'
import { UNFIT } from './unfit.ts'

/** Every fault, a family after the other. */
export const FAULTS: readonly Fault[] = [
  ...RACES,
  ...CRASHES,
  ...STARTS,
  ...RESTARTS,
  ...POWER,
  ...STOPS,
  ...SITES,
  ...LOCKED,
  ...DISK,
  ...UNFIT,
  ...POOL,
  ...ISOLATION,
  ...GROWTH,
  ...CLOCKS,
  ...KEYS,
  ...FLOODS,
  ...SLOW,
  ...OUTAGES,
]
