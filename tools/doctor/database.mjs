import { accessSync, closeSync, constants, existsSync, openSync, readSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const SQLITE = 'SQLite format 3\0'

/** Whether auth can open its database. The version of its tables is looked at by auth itself, which says so at its start. */
export function database({ root, auth }) {
  if (!auth) return []
  const url = auth.settings.DATABASE_URL
  if (url && isPostgresql(url)) return [NOT_ASKED]
  const path = pathOf(url, join(root, auth.folder))
  if (!path) {
    return [
      finding(
        `DATABASE_URL is ${url ? 'neither a file nor a PostgreSQL database' : 'missing'}.`,
        `set it in ${auth.place}, such as file:/var/lib/auth/auth.db`,
      ),
    ]
  }
  return [problemWith(path)].filter(Boolean)
}

const NOT_ASKED = {
  isNote: true,
  isOpen: true,
  what: 'DATABASE_URL names a PostgreSQL server, which was not asked.',
  why: 'Auth asks it at its start, and says in a sentence what is wrong.',
  fix: 'start auth',
}

/** As apps/auth/src/settings.ts takes it. The address holds a password, so it is never shown. */
function isPostgresql(url) {
  return /^postgres(ql)?:\/\//.test(url) && URL.canParse(url) && /^\/[^/]+$/.test(new URL(url).pathname)
}

/** As apps/auth/src/store/database-file.ts reads it. */
function pathOf(url, folder) {
  if (!url || !/^file:[^?#]+$/.test(url)) return undefined
  if (!url.startsWith('file://')) return resolve(folder, url.slice('file:'.length))
  return url.startsWith('file:///') ? fileURLToPath(url) : undefined
}

function problemWith(path) {
  const back = 'restore it from a backup, or name another file in DATABASE_URL'
  if (!existsSync(path)) {
    if (existsSync(`${path}-wal`))
      return finding(`${path} is missing, but its log (-wal) is there.`, 'restore both from a backup')
    const folder = nearestFolder(path)
    return isWritableFolder(folder)
      ? undefined
      : finding(
          `${path} cannot be made: ${folder} is not a folder to write in.`,
          `make the folder, or give this user the right to write in it`,
        )
  }
  if (!statSync(path).isFile()) return finding(`${path} is not a file.`, 'name a file in DATABASE_URL')
  if (!may(path, constants.R_OK | constants.W_OK))
    return finding(
      `${path} cannot be written by this user.`,
      `give this user the right: chown or chmod u+rw ${path}`,
    )
  if (!isWritableFolder(dirname(path)))
    return finding(
      `${dirname(path)} cannot be written by this user, and the log is beside the database.`,
      `give this user the right to write in ${dirname(path)}`,
    )
  const start = firstBytes(path, SQLITE.length)
  if (start === '' && existsSync(`${path}-new`)) return undefined // a first start that did not get to its end goes on
  if (start !== SQLITE) return finding(`${path} is ${start === '' ? 'empty' : 'no SQLite database'}.`, back)
}

const finding = (what, fix) => ({ what, why: 'Auth does not start without its database.', fix })

/** Auth makes the folders that are missing, below the first one that is there. */
function nearestFolder(path) {
  const folder = dirname(path)
  return existsSync(folder) ? folder : nearestFolder(folder)
}

const isWritableFolder = (folder) => statSync(folder).isDirectory() && may(folder, constants.W_OK)

function may(path, what) {
  try {
    accessSync(path, what)
    return true
  } catch {
    return false
  }
}

function firstBytes(path, length) {
  const file = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(length)
    return bytes.subarray(0, readSync(file, bytes, 0, length, 0)).toString('latin1')
  } finally {
    closeSync(file)
  }
}
