import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const AUTH = fileURLToPath(new URL('../../', import.meta.url))

/**
 * The server and the commands of an operator as `pnpm build` makes them: what a test starts again and again needs no compiler each time.
 * @param name a folder of their own, so that suites may build at the same time
 * @param programs of `src`, to be built beside them
 */
export function buildServer(name: string, ...programs: string[]): void {
  execFileSync(process.execPath, ['tools/build.mjs', `test-results/${name}`, ...programs], {
    cwd: AUTH,
    stdio: 'inherit',
  })
}

/** Where `buildServer` has put it: `main.js`, `rotate-keys.js` and so on. */
export const builtServer = (name: string) => `${AUTH}test-results/${name}`
