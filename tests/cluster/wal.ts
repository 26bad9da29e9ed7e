import { copyFile, readFile, truncate } from 'node:fs/promises'

/** How far the log of a SQLite file is written. A log begins anew, with another salt, when all of it is in the file itself. */
export interface Place {
  salt: string
  bytes: number
}

const HEAD_BYTES = 32
const FRAME_HEAD_BYTES = 24
// https://www.sqlite.org/walformat.html §2: the head of the index, which stands there twice.
const INDEX_HEAD_BYTES = 48
const PAGE_BYTES_AT = 14
const FRAMES_AT = 16
const SALT_AT = 32
const MOST_TRIES = 100

/** Behind the last commit: whatever was answered before this is asked stands before that place. */
export async function placeInLog(path: string): Promise<Place> {
  for (let tries = 1; ; tries++) {
    const index = await readFile(`${path}-shm`)
    const head = index.subarray(0, INDEX_HEAD_BYTES)
    const isBeingWritten = !head.equals(index.subarray(INDEX_HEAD_BYTES, 2 * INDEX_HEAD_BYTES))
    if (isBeingWritten && tries < MOST_TRIES) continue // or whoever writes it was stopped just there
    const frame = FRAME_HEAD_BYTES + head.readUInt16LE(PAGE_BYTES_AT)
    return {
      salt: head.toString('hex', SALT_AT, SALT_AT + 8),
      bytes: HEAD_BYTES + frame * head.readUInt32LE(FRAMES_AT),
    }
  }
}

/** What is on a disk after the power failed: the file, and its log up to there. The index is memory, and gone. */
export async function copyAsAfterPowerLoss(path: string, copy: string, logBytes?: number): Promise<void> {
  await copyFile(path, copy)
  await copyFile(`${path}-wal`, `${copy}-wal`)
  if (logBytes !== undefined) await truncate(`${copy}-wal`, logBytes)
}
