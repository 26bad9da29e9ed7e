import { fill } from './growth/fill.ts'
import { onSqlite } from './growth/places.ts'

const place = await onSqlite('/tmp/swp')
await fill(place, { accounts: 1_000_000, usedCodes: 1_000_000, usedTokens: 100_000 })
