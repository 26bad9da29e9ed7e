import { createPrivateKey, X509Certificate } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createCert } from 'mkcert'
import { makeAuthority } from './constrained.mjs'

const DAY_MS = 86_400_000
const AUTHORITY_DAYS = 365
const LEAF_DAYS = 60
const RENEWED_BEFORE_DAYS = 30

/** @param {string} folder */
export const filesIn = (folder) => ({
  authority: { cert: join(folder, 'authority.pem'), key: join(folder, 'authority.key') },
  leaf: { cert: join(folder, 'leaf.pem'), key: join(folder, 'leaf.key') },
})

/**
 * Sees to it that the folder has an authority and a certificate of it for these names, both good for a month at least. What is
 * there and still good stays. Nobody but this user can read the folder.
 *
 * @param {string} folder made if it is missing
 * @param {string[]} names
 * @returns {Promise<{ isNewAuthority: boolean, isNewLeaf: boolean }>} a new authority has to be trusted anew
 */
export async function readyCertificates(folder, names) {
  const { authority, leaf } = filesIn(folder)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  chmodSync(folder, 0o700)

  // The leaf must not outlive the authority, or browsers refuse it before we renew it.
  const isNewAuthority = !lasts(read(authority), LEAF_DAYS)
  if (isNewAuthority) write(authority, await makeAuthority(AUTHORITY))
  const ca = { cert: readFileSync(authority.cert, 'utf8'), key: readFileSync(authority.key, 'utf8') }

  const isNewLeaf = !(lasts(read(leaf), RENEWED_BEFORE_DAYS) && fits(read(leaf), ca, names))
  if (isNewLeaf) write(leaf, await createCert({ ca, domains: names, validity: LEAF_DAYS }))
  return { isNewAuthority, isNewLeaf }
}

const AUTHORITY = { name: 'Grove on this machine, for development', days: AUTHORITY_DAYS }

/** A certificate whose key is there; undefined if anything is missing, damaged, or does not belong together. */
function read({ cert, key }) {
  try {
    const certificate = new X509Certificate(readFileSync(cert))
    return certificate.checkPrivateKey(createPrivateKey(readFileSync(key))) ? certificate : undefined
  } catch {
    return undefined
  }
}

const lasts = (certificate, days) =>
  certificate !== undefined && Date.parse(certificate.validTo) > Date.now() + days * DAY_MS

const fits = (certificate, ca, names) =>
  certificate.verify(new X509Certificate(ca.cert).publicKey) &&
  names.every((name) => certificate.checkHost(name) !== undefined)

/** Each file is there as a whole or not at all; two that do not belong together are found out when they are read. */
function write({ cert, key }, made) {
  for (const [file, text] of [
    [key, made.key],
    [cert, made.cert],
  ]) {
    writeFileSync(`${file}.new`, text, { mode: 0o600 })
    renameSync(`${file}.new`, file)
  }
}
