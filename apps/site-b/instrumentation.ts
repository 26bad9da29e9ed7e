/** Runs once a process, before the first request: starts what follows the list of ended sessions in the background. */
export async function register(): Promise<void> {
  // A block, not an early return: so that the build leaves the kit out of the edge bundle.
  if (process.env.NEXT_RUNTIME === 'nodejs') {
    try {
      const { sso } = await import('./sso.ts')
      await sso.start()
    } catch (error) {
      // A setting that is missing or unsafe: one sentence, and no server that half works.
      console.error(error instanceof Error ? error.message : error)
      process.exit(1)
    }
  }
}
