import type { Server } from '../server.ts'
import { groveOnPostgresql, groveOnSqlite } from './grove.ts'
import { betterAuth, floor, nodeOidcProvider, nodeOidcProviderInMemory } from './peer.ts'

/** A provider to be measured. */
export interface Contestant {
  name: string
  /** Whether what it answered is in a file, and how large that file is can be asked. */
  hasFile: boolean
  /** Whether it loses logins while others come and go, so that people have to log in anew. */
  isForgetful?: boolean
  /** In `folder` it finds what it kept there before. */
  start(folder: string): Promise<Server>
}

export const GROVE = groveOnSqlite
/** What every budget is a share of. */
export const R = nodeOidcProvider

export const contestants: readonly Contestant[] = [
  GROVE,
  groveOnPostgresql,
  R,
  nodeOidcProviderInMemory,
  betterAuth,
  floor,
]
