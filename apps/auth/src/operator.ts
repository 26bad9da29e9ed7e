import { existsSync } from 'node:fs'
import type { Store } from './domain/store.ts'
import { readSettings, type Settings, SettingsError } from './settings.ts'
import { openStore } from './store/index.ts'
import { createTelemetry } from './telemetry/index.ts'

/**
 * Runs an operator's program on the open database of these settings; what it throws becomes one sentence and exit code 1.
 * `failed`: what was not done, in words, when it throws. `env`: for the secrets that SEED_FILE names.
 */
export function operate(
  failed: string,
  work: (store: Store, settings: Settings, env: NodeJS.ProcessEnv) => Promise<void>,
): void {
  operateOffline(failed, async (settings) => {
    const { happened } = createTelemetry({ level: settings.LOG_LEVEL })
    const store = await openStore(settings.DATABASE_URL, happened)
    try {
      await work(store, settings, process.env)
    } finally {
      await store.close()
    }
  })
}

/** The same for a program that opens the database in its own way. `folder`: where it was called, for paths that were typed. */
export function operateOffline(
  failed: string,
  work: (settings: Settings, folder: string) => Promise<void>,
): void {
  run(work).catch((error) => {
    console.error(error instanceof SettingsError ? error.message : `${failed}: ${error.message}`)
    process.exit(1)
  })
}

async function run(work: (settings: Settings, folder: string) => Promise<void>): Promise<void> {
  loadDevelopmentSecrets()
  // pnpm runs a program in the folder of its package, and says in INIT_CWD where that was.
  await work(readSettings(process.env), process.env.INIT_CWD ?? process.cwd())
}

/** On a developer's machine the secrets are in a file; what is set already stays. */
function loadDevelopmentSecrets(): void {
  if (process.env.NODE_ENV !== 'production' && existsSync('.env.local')) process.loadEnvFile('.env.local')
}
