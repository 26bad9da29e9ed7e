import { availableParallelism } from 'node:os'
import { defineConfig, devices } from '@playwright/test'
import type { House } from './people.ts'

const isRoot = process.getuid?.() === 0
/** Stories that name no address: they are played in a house of their own, beside the others. */
const ANYWHERE = /(account|auth-down|leaks|looks|no-script|one-login|sign-out)\.spec\.ts/
/** Stories of Grove in the shape of production. */
const REPLICATED = /(replicas|tls)\.spec\.ts/
const TOKEN_LIFETIME_SECONDS = 300
/** What Chromium does by itself and no story is about. */
const quiet = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
]

/**
 * Real browsers against three real origins. `pnpm build` first: the sites run as they do in production. The servers
 * are the stories' own (servers.ts), so nothing else may listen on ports 4000 to 4002, nor where an added site belongs, nor from 4200 and 4400 on.
 */
export default defineConfig<object, House>({
  // Each project has servers of its own, and some stories stop one of them: those of one project take turns. Of a core a browser with its
  // servers leaves half to others, which wait: two at a time keep two cores busy.
  workers: availableParallelism() > 1 ? 2 : 1,
  timeout: 45_000,
  retries: 1,
  forbidOnly: Boolean(process.env.CI),
  // A server that does not start would fail every story, one after the other.
  maxFailures: process.env.CI ? 10 : 0,
  reporter: [
    ['list'],
    ['json', { outputFile: 'test-results/stories.json' }],
    ['html', { open: 'never', outputFolder: 'playwright-report' }],
  ],
  projects: [
    { name: 'stories', workers: 1, testIgnore: [REPLICATED, ANYWHERE] },
    { name: 'stories of the house beside', workers: 1, testMatch: ANYWHERE, use: { portsFrom: 4200 } },
    // These alone, and those of the others that say @replicated.
    {
      name: 'replicated, over TLS',
      workers: 1,
      grep: /@replicated/,
      use: { isReplicated: true, bornSecondsAgo: TOKEN_LIFETIME_SECONDS + 20 },
    },
  ],
  use: {
    ...devices['Desktop Chrome'],
    // A trace of every story costs a third of its time: it is made when a failed story is tried again.
    trace: 'on-first-retry',
    launchOptions: {
      // tools/browser.mjs finds it. Without it: the Chromium that Playwright brings.
      executablePath: process.env.CHROMIUM_PATH || undefined,
      args: quiet,
      // Chromium refuses its sandbox to root, and most CI machines have none to offer.
      chromiumSandbox: !isRoot && !process.env.CI,
      // People's browsers have it, and "back" is where private pages are found again.
      ignoreDefaultArgs: ['--disable-back-forward-cache'],
    },
  },
})
