import { buildServer, builtServer } from './built.ts'

const NAME = 'auth'
const CHILD_PROGRAM = 'src/store/store.child.ts'

/** For vitest's `globalSetup`. */
export default function setup(): void {
  buildServer(NAME, CHILD_PROGRAM)
}

/** The server, built before the first test, and the commands beside it. */
export const BUILT = builtServer(NAME)
/** `store.child.ts`, built. */
export const CHILD = `${BUILT}/store/store.child.js`
