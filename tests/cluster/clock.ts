import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const preload = (file: string) => `--import ${new URL(file, import.meta.url).href}`

/** NODE_OPTIONS of a process whose rare jobs are due 300 times as often. */
export const HURRY = preload('./hurry.mjs')

/** For a process whose clock is so far ahead of ours for good, or behind. */
export const clockSettings = (aheadSeconds: number): Record<string, string> => ({
  NODE_OPTIONS: preload('../browser/clock.mjs'),
  CLOCK_AHEAD_SECONDS: String(aheadSeconds),
})

/** A clock that processes live by, and that can be set while they run. */
export interface Clock {
  /** For a process: it has this clock and no other. */
  settings: { CLOCK_FILE: string; NODE_OPTIONS: string }
  /** From this moment on it is so far ahead of ours; below zero it is behind. */
  set(aheadSeconds: number): Promise<void>
  remove(): Promise<void>
}

export async function openClock(aheadSeconds = 0): Promise<Clock> {
  const folder = await mkdtemp(join(tmpdir(), 'grove-clock-'))
  const [file, next] = [join(folder, 'ahead'), join(folder, 'next')]
  async function set(seconds: number) {
    await writeFile(next, String(seconds))
    await rename(next, file) // whole at every moment that somebody reads it
  }
  await set(aheadSeconds)
  return {
    settings: { CLOCK_FILE: file, NODE_OPTIONS: preload('./moved-clock.mjs') },
    set,
    remove: () => rm(folder, { recursive: true }),
  }
}
