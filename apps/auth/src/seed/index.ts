import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import type { Client } from '../domain/clients.ts'
import { type Environment, SettingsError } from '../settings.ts'
import { accountSchema, type SeedAccount } from './accounts.ts'
import { withAddresses } from './addresses.ts'
import { clientSchema, toClient } from './clients.ts'

export { refusePublishedPasswords, seedAccounts } from './accounts.ts'

const seedSchema = z.strictObject({
  clients: z.array(clientSchema).default([]),
  accounts: z.array(accountSchema).default([]),
})

export interface Seed {
  clients: Client[]
  accounts: SeedAccount[]
}

/**
 * Reads the seed files and joins them.
 * @throws SettingsError naming the file and the field that is wrong
 */
export async function readSeed(
  files: readonly string[],
  env: Environment,
  isProduction: boolean,
): Promise<Seed> {
  const parts = await Promise.all(files.map((file) => readSeedFile(file, env)))
  const clients = parts.flatMap(({ clients }) => clients.map((client) => toClient(client, env, isProduction)))
  const repeated = clients.find((client, index) => clients.findIndex(({ id }) => id === client.id) !== index)
  if (repeated) throw new SettingsError(`SEED_FILE registers the client ${repeated.id} twice.`)
  const accounts = parts.flatMap(({ accounts }) => accounts)
  // RFC 9700 §4.15: nobody may take a client for a person.
  const both = accounts.find(({ claims }) => clients.some(({ id }) => id === claims.sub))
  if (both) throw new SettingsError(`SEED_FILE has ${both.claims.sub} as a client and as an account.`)
  return { clients, accounts }
}

async function readSeedFile(file: string, env: Environment): Promise<z.infer<typeof seedSchema>> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new SettingsError(`SEED_FILE names ${file}, which cannot be read.`)
  })
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw new SettingsError(`SEED_FILE names ${file}, which is not JSON.`)
  }
  const result = seedSchema.safeParse(withAddresses(json, env))
  if (result.success) return result.data
  const issue = result.error.issues[0]
  throw new SettingsError(`SEED_FILE ${file}: ${issue?.path.join('.')}: ${issue?.message}.`)
}
