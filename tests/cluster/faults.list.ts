import { CLOCKS } from './clocks.ts'
import { CRASHES } from './crashes.ts'
import type { Fault } from './fault.ts'
import { LOCKED } from './locked.ts'
import { RACES } from './races.ts'

/** Every fault, a family after the other. */
export const FAULTS: readonly Fault[] = [
  ...RACES,
  ...CRASHES,
  ...CLOCKS,
  ...LOCKED,
]
