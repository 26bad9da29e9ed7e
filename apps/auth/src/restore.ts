// `pnpm restore <file>`: fills an empty database from a backup, of either kind.
//   --in-place   instead: the database came back by means of its own, such as a snapshot, and forgets what it must not bring back
// docs/operations/lost-database.md says what that is.
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { operateOffline } from './operator.ts'
import { SettingsError } from './settings.ts'
import { restore, restoreInPlace } from './store/restore.ts'

const options = { 'in-place': { type: 'boolean', default: false } } as const
const AFTERWARDS =
  'Everybody logs in again, and the keys will be new ones. Passwords that were changed since are those of before: docs/operations/lost-database.md.'

operateOffline('Nothing was restored', async ({ DATABASE_URL }, folder) => {
  const { values, positionals } = parseArgs({ options, allowPositionals: true })
  const [file, ...more] = positionals
  if (values['in-place'] === (file !== undefined) || more.length > 0)
    throw new SettingsError('Give the file of a backup, restore auth.backup, or --in-place.')
  if (!file) {
    await restoreInPlace(DATABASE_URL, new Date())
    return console.log(`Nobody is logged in any more. ${AFTERWARDS}`)
  }
  const { header, counts } = await restore(DATABASE_URL, resolve(folder, file), new Date())
  const { Account, AuditEvent } = counts
  console.log(`${Account} accounts and ${AuditEvent} events are back, as of ${header.madeAt}. ${AFTERWARDS}`)
})
