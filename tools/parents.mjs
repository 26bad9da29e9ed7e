import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const LOOK_EVERY_MS = 1000

/**
 * Calls back once one of the package managers above us has gone. Npm, npx and pnpm stand between the person and this
 * program, and one that is ended by its id ends without a word to those below it.
 *
 * @param {() => void} callback
 */
export function whenParentsGo(callback) {
  const before = parents()
  const timer = setInterval(() => {
    if (parents(before.length).join() === before.join()) return
    clearInterval(timer)
    callback()
  }, LOOK_EVERY_MS)
  timer.unref()
}

/** Their ids, from the one above us up to the topmost package manager, or as many as are asked for. */
function parents(count) {
  const all = []
  for (let pid = process.ppid; pid > 1; pid = all.at(-1).parent) all.push({ pid, ...look(pid) })
  const topmost = all.findLastIndex(({ command }) => /(^|\/)p?np[mx]\b/.test(command))
  return all.slice(0, count ?? topmost + 1).map(({ pid }) => pid)
}

function look(pid) {
  try {
    // The name stands in brackets and may hold anything; its state and its parent follow.
    const [, parent] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ')
    return { parent: Number(parent), command: readFileSync(`/proc/${pid}/cmdline`, 'utf8') }
  } catch {
    const { stdout } = spawnSync('ps', ['-o', 'ppid=,args=', '-p', String(pid)], { encoding: 'utf8' })
    const [, parent, command] = /^\s*(\d+)\s+(.*)/.exec(stdout ?? '') ?? []
    return { parent: Number(parent ?? 0), command: command ?? '' }
  }
}
