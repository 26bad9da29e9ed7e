import { isDriverAdapterError } from '@prisma/driver-adapter-utils'
import { StoreBusyError } from '../domain/store.ts'
import { ConflictError } from './conflicts.ts'

// Error codes, https://www.postgresql.org/docs/current/errcodes-appendix.html
const CONFLICTS = new Set(['40001', '40P01']) // serialization failure, deadlock
const REFUSALS: Record<string, string> = {
  '28000': 'refuses this user: correct the user and the password in DATABASE_URL',
  '28P01': 'refuses this user: correct the user and the password in DATABASE_URL',
  '3D000': 'does not exist: create it, and nothing in it',
  '42501': 'cannot be written by this user: make the user its owner',
  '25006': 'cannot be written: it is a copy of another (a standby)',
}
// Out of time (of a statement, of waiting for a lock), of connections, of memory or disk.
const BUSY = /^(57014|55P03|53...)$/
// The server stops, starts, or went away: 57P01 … 57P03, connection exceptions, and what Node says of sockets.
const GONE = /^(57P0.|08...|ECONN.*|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/
/** What the driver says without a code. */
const BUSY_SENTENCES = /^timeout exceeded when trying to connect|^Query read timeout/
const GONE_SENTENCES =
  /^Connection terminated|^Client has encountered a connection error|connection is closed/

/** The server is not there: it was restarted, say. What was under way may have been done, or not. */
export class ServerGoneError extends StoreBusyError {}

/**
 * The error that the rest of the store knows.
 * @returns ConflictError, StoreBusyError, or what it was given
 */
export function translate(error: unknown): unknown {
  const { code, message } = detailsOf(error)
  if (CONFLICTS.has(code)) return new ConflictError(message, { cause: error })
  if (BUSY.test(code) || BUSY_SENTENCES.test(message)) return new StoreBusyError(error)
  if (GONE.test(code) || GONE_SENTENCES.test(message)) return new ServerGoneError(error)
  return error
}

/** Why a database cannot be used, for the sentence that `openStore` throws. */
export function reasonOf(error: unknown): string {
  const { code, message } = detailsOf(error instanceof StoreBusyError ? error.cause : error)
  return REFUSALS[code] ?? `cannot be reached: ${message || code}`
}

/** The adapter wraps what the server says, and some of what happens on the way to it. */
function detailsOf(error: unknown): { code: string; message: string } {
  if (isDriverAdapterError(error)) {
    const { cause } = error
    const code = cause.originalCode ?? WITHOUT_CODE[cause.kind] ?? ''
    return { code, message: cause.originalMessage ?? error.message }
  }
  if (!(error instanceof Error)) return { code: '', message: String(error) }
  return { code: 'code' in error ? String(error.code) : '', message: error.message }
}

/** What the adapter calls an error of a socket. */
const WITHOUT_CODE: Record<string, string> = {
  DatabaseNotReachable: 'ECONNREFUSED',
  ConnectionClosed: 'ECONNRESET',
  SocketTimeout: 'ETIMEDOUT',
}
