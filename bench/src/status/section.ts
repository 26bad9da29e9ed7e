import type { Effort } from '../section.ts'
import { printLookups } from './lookups.ts'
import { printSizes } from './sizes.ts'

/** What revocation takes: the list on the wire, to make, to read, in memory, and to look something up in. */
export async function measureStatusLists(effort: Effort): Promise<void> {
  await printSizes(effort)
  await printLookups(effort)
}
