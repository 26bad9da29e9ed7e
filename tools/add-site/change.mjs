import { spawnSync } from 'node:child_process'
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { forgetSecret } from '../secrets.mjs'
import { sitesOf } from '../sites.mjs'
import { filesOf } from './files.mjs'
import { checkName, planAt, planSite, Refusal } from './plan.mjs'

/** Made by programs, never by people; git does not see them either. */
const MADE =
  /^(node_modules|\.next|\.turbo|test-results|next-env\.d\.ts|\.env\.local|.*\.tsbuildinfo|\.DS_Store)$/

/**
 * Writes a new site and installs what it needs. Overwrites nothing; if anything fails, the tree is as before.
 *
 * @returns {string} what there is now, for people
 * @throws Refusal
 */
export function addSite(root, name, { install }) {
  const plan = planSite(root, name)
  const lockfile = readLockfile(root)
  const undo = []
  try {
    const files = filesOf(root, plan)
    mkdirSync(join(root, plan.folder))
    undo.push(plan.folder)
    for (const [path, text] of files) {
      if (path.startsWith(`${plan.folder}/`)) mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), text, { flag: 'wx' })
      undo.push(path)
    }
    if (install) installPackages(root)
  } catch (error) {
    for (const path of undo.reverse()) rmSync(join(root, path), { recursive: true, force: true })
    if (lockfile !== undefined) writeFileSync(join(root, 'pnpm-lock.yaml'), lockfile)
    throw new Refusal(`"${name}" was not added, and nothing is left of it: ${error.message}`)
  }
  return welcome(plan)
}

/**
 * Takes away what `addSite` wrote, the secret that was made for it included.
 *
 * @returns {string} what was done, for people
 * @throws Refusal if there is no such site, or if somebody has worked on it and `force` is not said
 */
export function removeSite(root, name, { install, force }) {
  checkName(name)
  const site = sitesOf(root).find(({ folder }) => folder === `apps/site-${name}`)
  if (!site?.registration) throw new Refusal(`There is no site "${name}" that was added with pnpm add-site.`)
  const plan = planAt(name, site.port)
  const changed = changedFiles(root, plan)
  if (changed.length > 0 && !force) {
    const list = changed.map((path) => `  ${path}`).join('\n')
    throw new Refusal(
      `Nothing was removed: these are not as they were written.\n${list}\nWith --force they go as well.`,
    )
  }
  rmSync(join(root, plan.folder), { recursive: true })
  rmSync(join(root, plan.story), { force: true })
  forgetSecret(root, 'apps/auth', plan.secretName)
  if (install) installPackages(root)
  return `"${name}" is removed.`
}

/** What differs from what was written: changed, new, or gone. */
function changedFiles(root, plan) {
  const files = filesOf(root, plan)
  const isSame = (path) =>
    existsSync(join(root, path)) && readFileSync(join(root, path), 'utf8') === files.get(path)
  const added = filesBelow(root, plan.folder).filter((path) => !files.has(path))
  return [...files.keys()].filter((path) => !isSame(path)).concat(added)
}

function filesBelow(root, folder) {
  return readdirSync(join(root, folder)).flatMap((name) => {
    const path = `${folder}/${name}`
    if (MADE.test(name)) return []
    return lstatSync(join(root, path)).isDirectory() ? filesBelow(root, path) : [path]
  })
}

function readLockfile(root) {
  const file = join(root, 'pnpm-lock.yaml')
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}

function installPackages(root) {
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const words = ['--yes', packageManager, 'install', '--no-frozen-lockfile', '--prefer-offline']
  const { status, stdout, stderr } = spawnSync('npx', words, { cwd: root, encoding: 'utf8' })
  if (status !== 0)
    throw new Refusal(`${packageManager} install did not succeed.\n${stdout ?? ''}${stderr ?? ''}`)
}

function welcome({ name, title, port, folder, story, secretName }) {
  const address = `http://${name}.localhost:${port}`
  return `
  ${title} stands in ${folder}, and will be at ${address}

    pnpm dev                        starts it with the others, and makes its secrets
    ${folder}/sso.ts
                                    is where it is configured
    ${story}
                                    is its browser story
    pnpm add-site --remove ${name}
                                    undoes all of this

  ${folder}/client.json registers it with auth. Development reads it by itself; where SEED_FILE is set, name it there,
  and give auth ${secretName}. The tokens of ${title} are good at Alder and Birch too, theirs are not good at
  ${title} until its address stands in their "resources".
`
}
