import { presentBrowser, worksAsBrowser } from '../browser.mjs'

/** The browser for the stories. */
export function browser() {
  const named = process.env.CHROMIUM_PATH
  if (named && !worksAsBrowser(named)) {
    return [
      {
        what: `CHROMIUM_PATH names ${named}, which is not there or does not start.`,
        why: 'The browser stories of npm test are played in it.',
        fix: 'name a Chromium or Chrome that runs, or unset CHROMIUM_PATH',
      },
    ]
  }
  if (presentBrowser()) return []
  return [
    {
      isNote: true,
      what: 'There is no Chromium on this machine.',
      why: 'The browser stories of npm test need one. Grove itself does not.',
      fix: 'npm test installs one; or install Chromium or Chrome yourself and set CHROMIUM_PATH',
    },
  ]
}
