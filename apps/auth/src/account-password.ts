// `pnpm --filter @grove/auth account:password <email>`: replaces a password by the line on standard input, and ends every login of that
// person. For whoever forgot it, and after a restore that brought an old one back. It is read there, since what is typed as a word of a
// command is seen by every program of the machine.
import { text } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import { normalizeEmail } from './domain/accounts.ts'
import { toldClients } from './domain/back-channel.ts'
import { createClientRegistry } from './domain/clients.ts'
import { problemOf } from './domain/password-rules.ts'
import { hashPassword } from './domain/passwords.ts'
import { operate } from './operator.ts'
import { readSeed } from './seed/index.ts'
import { SettingsError } from './settings.ts'

operate('The password was not replaced', async (store, { SEED_FILE, isProduction }, env) => {
  const [given, ...more] = parseArgs({ allowPositionals: true }).positionals
  if (!given || more.length > 0)
    throw new SettingsError(
      'Give an email, and the new password on standard input: account:password alice@example.com.',
    )
  const email = normalizeEmail(given)
  const account = await store.accounts.findByEmail(email)
  if (!account) throw new SettingsError(`There is no account ${given}.`)
  const password = (await text(process.stdin)).replace(/\r?\n$/, '')
  const problem = await problemOf(password, { email, name: account.claims.name })
  if (problem) throw new SettingsError(`The new password is refused: ${problem.replaceAll('_', ' ')}.`)
  const { clients } = await readSeed(SEED_FILE, env, isProduction)
  const tell = toldClients(createClientRegistry(clients))
  const count = await store.accounts.setPassword(email, await hashPassword(password), tell, new Date())
  console.log(`${given} has another password, and ${count ?? 0} logins are over.`)
})
