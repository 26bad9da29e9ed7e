import { existsSync } from 'node:fs'
import type { Store } from './domain/store.ts'
import { readSettings, type Settings, SettingsError } from './settings.ts'
import { openStore } from './store/index.ts'
import { createTelemetry } from './telemetry/index.ts'

/**
 * Runs an operator's program on the database of these settings; what it throws becomes one sentence and exit code 1.
 * `failed`: what was not done, in words, when it throws.
 */
export function operate(failed: string, work: (store: Store, settings: Settings) => Promise<void>): void {
  run(work).catch((error) => {
    console.error(error instanceof SettingsError ? error.message : `${failed}: ${error.message}`)
    process.exit(1)
  })
}

async function run(work: (store: Store, settings: Settings) => Promise<void>): Promise<void> {
  loadDevelopmentSecrets()
  const settings = readSettings(process.env)
  const { happened } = createTelemetry({ level: settings.LOG_LEVEL })
  const store = await openStore(settings.DATABASE_URL, happened)
  try {
    await work(store, settings)
  } finally {
    await store.close()
  }
}

/** On a developer's machine the secrets are in a file; what is set already stays. */
function loadDevelopmentSecrets(): void {
  if (process.env.NODE_ENV !== 'production' && existsSync('.env.local')) process.loadEnvFile('.env.local')
}
