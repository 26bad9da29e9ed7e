// Finds a Chromium for the browser stories, or gets one. As a command it prints the path.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const stories = new URL('../tests/browser/package.json', import.meta.url)

/** Where Playwright keeps the Chromium it was released with, whether it is there or not; nowhere as long as nothing is installed. */
function playwrightsOwn() {
  try {
    return createRequire(stories)('@playwright/test').chromium.executablePath()
  } catch {
    return ''
  }
}

const onPath = (name) => (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, name))

/** It is there, and it starts: a Chromium without its shared libraries is no browser. */
export const worksAsBrowser = (path) =>
  existsSync(path) && spawnSync(path, ['--version'], { stdio: 'ignore' }).status === 0

/** A Chromium that is here already; nothing is installed. */
export function presentBrowser() {
  const places = [
    process.env.CHROMIUM_PATH ?? '',
    playwrightsOwn(),
    // Without windows: it draws the same, for two thirds of the work.
    ...[
      'chromium-headless-shell',
      'chromium',
      'chromium-browser',
      'google-chrome',
      'google-chrome-stable',
    ].flatMap(onPath),
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ]
  return places.find(worksAsBrowser)
}

// Progress goes to standard error: standard output is for the path alone.
const run = (program, ...args) =>
  spawnSync(program, args, {
    cwd: fileURLToPath(new URL('.', stories)),
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 2, 2],
  }).status === 0

const isRootOnDebian = () => process.getuid?.() === 0 && existsSync('/etc/debian_version')
const debian = (name) => isRootOnDebian() && run('apt-get', 'install', '-y', '--no-install-recommends', name)

const ways = [
  () => run('node_modules/.bin/playwright', 'install', 'chromium'),
  () => isRootOnDebian() && run('apt-get', 'update') && debian('chromium-headless-shell'),
  () => debian('chromium'),
]

/**
 * The path of a Chromium that works: `CHROMIUM_PATH`, Playwright's own, the system's, else a new one.
 *
 * @returns {string | undefined} undefined when there is none and none could be installed
 */
export function findBrowser() {
  const there = presentBrowser()
  if (there) return there
  console.error('No Chromium on this machine yet: installing one …')
  return ways.some((install) => install()) ? presentBrowser() : undefined
}

export const noBrowser =
  'The browser stories need Chromium, and none could be installed: install Chromium or Chrome yourself, ' +
  'or set CHROMIUM_PATH to the program, then start again.'

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const path = findBrowser()
  if (!path) {
    console.error(noBrowser)
    process.exit(1)
  }
  console.log(path)
}
