import type { Auth } from '../auth.ts'

const SECOND = 1_000

/** What has to be done without being asked. Returns how to stop it. */
export function startJobs(auth: Auth): () => void {
  const jobs = [
    every(2 * SECOND, 'deliver logouts', () => auth.deliverLogouts()),
    every(60 * SECOND, 'rotate keys', () => auth.keyring.rotate(auth.now())),
    every(600 * SECOND, 'sweep', async () => {
      await auth.store.sweep(auth.now())
    }),
  ]
  return () => {
    for (const timer of jobs) clearInterval(timer)
  }

  function every(ms: number, name: string, work: () => Promise<void>): NodeJS.Timeout {
    let isRunning = false
    return setInterval(async () => {
      if (isRunning) return
      isRunning = true
      // It will be tried again.
      await work().catch((error) => auth.telemetry.failed(`job: ${name}`, error))
      isRunning = false
    }, ms).unref()
  }
}
