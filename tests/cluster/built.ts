import { buildServer, builtServer } from '@grove/auth/testing'

const NAME = 'cluster'

/** Before the first process starts; for vitest's `globalSetup` too. */
export default function build(): void {
  buildServer(NAME)
}

/** Auth as it runs in production: `main.js`, and the commands beside it. */
export const BUILT = builtServer(NAME)
