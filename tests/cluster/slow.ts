import type { Databases } from './databases.ts'
import type { Fault } from './fault.ts'
import { waiters } from './slow.clients.ts'
import { openReceivers, receivers } from './slow.receivers.ts'

export const SLOW: readonly Fault[] = [
  {
    id: 'F-64',
    does: 'connections that say nothing, send a header or a byte of a body each second, or do not read their answers; meanwhile others ask',
    rounds: { long: 65 },
    processes: 1,
    on: ['SQLite'],
    play: waiters,
  },
  {
    id: 'F-69',
    does: 'somebody signs out of a hundred sites, of which every second one hangs',
    rounds: { long: 2 },
    processes: 1,
    on: ['SQLite'],
    open: (databases: Databases) => openReceivers(databases),
    play: receivers,
  },
]
