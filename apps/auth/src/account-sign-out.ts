// `pnpm --filter @grove/auth account:sign-out <email>`: ends every login of a person, as a logout on each device does.
//   --client <id>   instead: signs everybody out of one site, whose refresh tokens are worth nothing then
//   --everybody     instead: ends every login there is
// Sites are told by a server that runs, within two seconds.
import { parseArgs } from 'node:util'
import { normalizeEmail } from './domain/accounts.ts'
import { type ClientRegistry, createClientRegistry } from './domain/clients.ts'
import { endClient, endLogins } from './domain/endings.ts'
import type { Store } from './domain/store.ts'
import { operate } from './operator.ts'
import { readSeed } from './seed/index.ts'
import { SettingsError } from './settings.ts'

const USAGE = 'Give an email, account:sign-out alice@example.com, or --client and its id, or --everybody.'

const options = { client: { type: 'string' }, everybody: { type: 'boolean', default: false } } as const

function readWords(): { email?: string | undefined; client?: string | undefined } {
  const { values, positionals } = parseArgs({ options, allowPositionals: true })
  const [email, ...more] = positionals
  const ways = [email !== undefined, values.client !== undefined, values.everybody].filter(Boolean)
  if (ways.length !== 1 || more.length > 0) throw new SettingsError(USAGE)
  return { email, client: values.client }
}

async function signOut(store: Store, clients: ClientRegistry): Promise<number> {
  const { email, client } = readWords()
  const now = new Date()
  if (client !== undefined) {
    if (!clients.find(client)) throw new SettingsError(`There is no client ${client}.`)
    return await endClient(store, clients, client, now)
  }
  const account = email === undefined ? undefined : await store.accounts.findByEmail(normalizeEmail(email))
  if (email !== undefined && !account) throw new SettingsError(`There is no account ${email}.`)
  return await endLogins(store, clients, account?.id, now)
}

operate('Not everybody was signed out', async (store, { SEED_FILE, isProduction }, env) => {
  const seed = await readSeed(SEED_FILE, env, isProduction)
  const count = await signOut(store, createClientRegistry(seed.clients))
  console.log(`${count} logins are over. Sites hear of it within seconds, while a server runs.`)
})
