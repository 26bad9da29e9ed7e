// `pnpm backup <file>`: writes people and the audit log to a new file, while servers run. docs/operations/backup.md has the rest.
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { operateOffline } from './operator.ts'
import { SettingsError } from './settings.ts'
import { backUp } from './store/backup.ts'

operateOffline('There is no backup', async ({ DATABASE_URL }, folder) => {
  const [file, ...more] = parseArgs({ allowPositionals: true }).positionals
  if (!file || more.length > 0) throw new SettingsError('Give the name of a new file: backup auth.backup.')
  const path = resolve(folder, file)
  const { Account, AuditEvent } = await backUp(DATABASE_URL, path, new Date())
  console.log(`${Account} accounts and ${AuditEvent} events are in ${path}.`)
})
