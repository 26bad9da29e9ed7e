import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const template = fileURLToPath(new URL('template/', import.meta.url))
const STORY = 'story.spec.ts'

/** What is the same in every site. It is taken from Alder, so that the new site begins with what is right today. */
const shared = [
  'next.config.ts',
  'proxy.ts',
  'instrumentation.ts',
  'app/bones.css',
  'app/session-watch.tsx',
  'app/sso/[...path]/route.ts',
]

/**
 * Every file of a site, path and text, as they are written when it is added.
 *
 * @param {string} root the folder of the repository
 * @param {import('./plan.mjs').Plan} plan
 * @returns {Map<string, string>} by the path from the root
 */
export function filesOf(root, plan) {
  const own = filesBelow('').filter((path) => path !== STORY)
  const written = (path) => fillIn(readFileSync(join(template, path), 'utf8'), plan)
  return new Map([
    ...own.map((path) => [`${plan.folder}/${path}`, written(path)]),
    ...shared.map((path) => [
      `${plan.folder}/${path}`,
      readFileSync(join(root, 'apps/site-a', path), 'utf8'),
    ]),
    [plan.story, written(STORY)],
  ])
}

function filesBelow(folder) {
  return readdirSync(join(template, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder ? `${folder}/${entry.name}` : entry.name
    return entry.isDirectory() ? filesBelow(path) : [path]
  })
}

function fillIn(text, { name, title, port, hue, secretName }) {
  return text
    .replaceAll('__NAME__', name)
    .replaceAll('__TITLE__', title)
    .replaceAll('__PORT__', String(port))
    .replaceAll('__HUE__', String(hue))
    .replaceAll('__SECRET_NAME__', () => secretName)
}
