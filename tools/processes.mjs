import { spawn } from 'node:child_process'
import { connect } from 'node:net'

/**
 * A started program with everything it starts itself: one process group, so that nothing outlives it.
 *
 * @typedef {object} Running
 * @property {string[]} lines what it has printed, the newest 200 lines
 * @property {Promise<number>} ended its exit code, once it has ended
 * @property {() => Promise<void>} stop asks it to end, and after three seconds insists
 */

/**
 * @param {string[]} command
 * @param {{ cwd: string, env: NodeJS.ProcessEnv, hear: (line: string) => void }} options
 * @returns {Running}
 */
export function start([program, ...args], { cwd, env, hear }) {
  const child = spawn(program, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const lines = []
  for (const stream of [child.stdout, child.stderr]) {
    let rest = ''
    stream.setEncoding('utf8').on('data', (text) => {
      const whole = (rest + text).split('\n')
      rest = whole.pop() ?? ''
      for (const line of whole) {
        lines.push(line)
        if (lines.length > 200) lines.shift()
        hear(line)
      }
    })
  }
  const ended = new Promise((resolve) => {
    child.once('error', (error) => {
      lines.push(error.message)
      resolve(1)
    })
    child.once('close', (code) => resolve(code ?? 1))
  })
  const signal = (name) => {
    try {
      process.kill(-child.pid, name)
    } catch {
      // The group has gone already.
    }
  }
  const stop = async () => {
    signal('SIGTERM')
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 3000).unref())])
    signal('SIGKILL')
    await ended
  }
  return { lines, ended, stop }
}

/** The last thing a program said that is meant for people: no stack, no words of Node's own. */
export function lastSentence(lines) {
  const noise = /^(\s|}|node:|Node\.js v|Failed running|$)/
  return lines.findLast((line) => !noise.test(line)) ?? 'it said nothing.'
}

/** True when something answers on this port, on either loopback address: browsers try both. */
export async function isTaken(port) {
  const answers = (host) =>
    new Promise((resolve) => {
      const socket = connect({ port, host })
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
      socket.once('connect', () => socket.destroy())
    })
  return (await Promise.all([answers('127.0.0.1'), answers('::1')])).includes(true)
}
