// `pnpm --filter @grove/auth account:claims <email> '{"roles":["editor"]}'`: changes what is known of a person, `null` takes a claim
// away, and what is not named stays. Every site says it within seconds: the tokens of before are void, and a refresh gives new ones.
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { normalizeEmail } from './domain/accounts.ts'
import { operate } from './operator.ts'
import { claimsSchema } from './seed/accounts.ts'
import { SettingsError } from './settings.ts'

const USAGE = `Give an email and what to change: account:claims alice@example.com '{"roles":["editor"]}'.`

const names = Object.entries(claimsSchema.shape)
const changeSchema = z.strictObject(
  Object.fromEntries(names.map(([name, claim]) => [name, claim.nullable()])),
)

function readChange(text: string): Record<string, unknown> {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw new SettingsError(USAGE)
  }
  const { success, data, error } = changeSchema.safeParse(json)
  if (success) return data
  const [issue] = error.issues
  throw new SettingsError(`${issue?.path.join('.') || 'The change'}: ${issue?.message}.`)
}

operate('The account was not changed', async (store) => {
  const [email, text, ...more] = parseArgs({ allowPositionals: true }).positionals
  if (!email || !text || more.length > 0) throw new SettingsError(USAGE)
  const now = new Date()
  const change = { ...readChange(text), updated_at: Math.floor(now.getTime() / 1000) }
  const reissued = await store.accounts.changeClaims(normalizeEmail(email), change, now)
  if (reissued === undefined) throw new SettingsError(`There is no account ${email}.`)
  console.log(`${email} is changed. ${reissued} sign-ins get new tokens, within seconds.`)
})
