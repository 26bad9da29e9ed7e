import { isDriverAdapterError } from '@prisma/driver-adapter-utils'
import { StoreBusyError } from '../domain/store.ts'

// Primary result codes, https://www.sqlite.org/rescode.html
const BUSY = 5
const READONLY = 8
const CORRUPT = 11
const FULL = 13
const CANTOPEN = 14
const NOTADB = 26

export function isBusy(error: unknown): boolean {
  return error instanceof StoreBusyError || resultCode(error) === BUSY
}

/** The error that the rest of the store knows: without room on its disk a database cannot be had either. */
export function translate(error: unknown): unknown {
  return resultCode(error) === FULL ? new StoreBusyError(error) : error
}

/** Why a database file cannot be used, for the sentence that `openStore` throws. */
export function reasonOf(error: unknown): string {
  switch (resultCode(error)) {
    case READONLY:
    case CANTOPEN:
      return 'cannot be written by this user: correct the permissions of the file and its folder'
    case CORRUPT:
    case NOTADB:
      return 'is damaged: restore it from a backup'
    default:
      return `cannot be opened: ${error instanceof Error ? error.message : String(error)}`
  }
}

/** The primary result code. The adapter wraps errors of statements, but not those of opening a file. */
function resultCode(error: unknown): number | undefined {
  if (isDriverAdapterError(error)) return primary(error.cause.originalCode)
  if (error instanceof Error && 'rawCode' in error) return primary(error.rawCode)
  return undefined
}

function primary(code: unknown): number | undefined {
  return code === undefined ? undefined : Number(code) & 0xff
}
