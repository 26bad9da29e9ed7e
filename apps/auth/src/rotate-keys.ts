// `pnpm keys:rotate`: the next keys sign from now on.
//   --now              even if they were published so short a while ago that sites may not know them
//   --withdraw <kid>   instead: that key is leaked, and nothing that it signed is to be trusted any more
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type Keyring, openKeyring } from './domain/keyring.ts'
import { readSettings, SettingsError } from './settings.ts'
import { openStore } from './store/index.ts'
import { createTelemetry } from './telemetry/index.ts'

const options = { now: { type: 'boolean', default: false }, withdraw: { type: 'string' } } as const

async function main(): Promise<void> {
  const { values } = parseArgs({ options })
  loadDevelopmentSecrets()
  const settings = readSettings(process.env)
  const { happened } = createTelemetry({ level: settings.LOG_LEVEL })
  const store = await openStore(settings.DATABASE_URL, happened)
  const keyring = await openKeyring(store.keys, settings.AUTH_SECRET, new Date())
  try {
    if (values.withdraw === undefined) await promote(keyring, values.now)
    else await withdraw(keyring, values.withdraw)
  } finally {
    await store.close()
  }
}

async function promote(keyring: Keyring, mayBeYoung: boolean): Promise<void> {
  for (;;) {
    const seconds = await keyring.promote(new Date(), { mayBeYoung })
    if (seconds === 0) return console.log('The next keys sign. Servers that run follow within a minute.')
    console.log(
      `The next keys are too young: sites may not know them. Waiting ${Math.ceil(seconds / 60)} min (Ctrl-C changes nothing; --now does not wait).`,
    )
    await sleep(seconds * 1000)
  }
}

async function withdraw(keyring: Keyring, keyId: string): Promise<void> {
  const outcome = await keyring.withdraw(keyId, new Date())
  if (outcome === 'unknown') throw new SettingsError(`There is no key ${keyId}: /jwks lists them.`)
  if (outcome === 'changed_meanwhile') return await withdraw(keyring, keyId)
  console.log(`${keyId} is withdrawn. docs/operations.md says when it is gone everywhere.`)
}

/** On a developer's machine the secrets are in a file; what is set already stays. */
function loadDevelopmentSecrets(): void {
  if (process.env.NODE_ENV !== 'production' && existsSync('.env.local')) process.loadEnvFile('.env.local')
}

main().catch((error) => {
  console.error(
    error instanceof SettingsError ? error.message : `The keys were not changed: ${error.message}`,
  )
  process.exit(1)
})
