import { CLOCKS } from './clocks.ts'
import { CRASHES } from './crashes.ts'
import { DISK } from './disk.ts'
import type { Fault } from './fault.ts'
import { KEYS } from './keys.ts'
import { LOCKED } from './locked.ts'
import { OUTAGES } from './outages.ts'
import { POOL } from './pool.ts'
import { POWER } from './power.ts'
import { RACES } from './races.ts'
import { UNFIT } from './unfit.ts'

/** Every fault, a family after the other. */
export const FAULTS: readonly Fault[] = [
  ...RACES,
  ...CRASHES,
  ...POWER,
  ...LOCKED,
  ...DISK,
  ...UNFIT,
  ...POOL,
  ...CLOCKS,
  ...KEYS,
  ...OUTAGES,
]
