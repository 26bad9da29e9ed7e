import { execFile } from 'node:child_process'
import { chmod, mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { CannotHappenHere } from './fault.ts'

const run = promisify(execFile)
const PAGE = Buffer.alloc(4096)
/** So that a few writes still fit, and one of them is the first that does not. */
const SPARE_BYTES = 32 * PAGE.length

/** A file system of its own that can be filled. */
export interface SmallDisk {
  folder: string
  /** All but a few pages of it. */
  fill(): Promise<void>
  makeRoom(): Promise<void>
  remove(): Promise<void>
}

/** @throws CannotHappenHere where nothing may be mounted */
export async function openSmallDisk(size: string): Promise<SmallDisk> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    throw new CannotHappenHere('it mounts a small tmpfs, which takes Linux and root')
  const folder = await mkdtemp(join(tmpdir(), 'grove-small-'))
  await run('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'grove', folder]).catch(async (error) => {
    await rm(folder, { recursive: true })
    throw new CannotHappenHere(`a tmpfs cannot be mounted: ${error.stderr}`)
  })
  await chmod(folder, 0o777) // PostgreSQL is another user
  const filler = join(folder, 'filler')
  return {
    folder,
    async fill() {
      const file = await open(filler, 'a')
      try {
        for (;;) await file.write(PAGE)
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
        await file.truncate((await file.stat()).size - SPARE_BYTES)
      } finally {
        await file.close()
      }
    },
    makeRoom: () => rm(filler),
    async remove() {
      await run('umount', ['--lazy', folder]) // the driver closes its files when the garbage collector comes by
      await rm(folder, { recursive: true })
    },
  }
}
