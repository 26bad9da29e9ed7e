/** Runs once, before the first request. A site that is not fully set up says what is missing, in one sentence, and stops. */
export async function register(): Promise<void> {
  // An early return instead would make Next compile the kit for the edge runtime as well.
  if (process.env.NEXT_RUNTIME === 'nodejs') {
    try {
      const { sso } = await import('./sso.ts')
      await sso.start()
    } catch (error) {
      console.error(error instanceof Error ? error.message : error)
      process.exit(1)
    }
  }
}
