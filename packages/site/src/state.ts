import type { MemoryReplayStore, ReplayStore, StatusLists } from '@grove/jwt'
import type { Refreshed } from './refresh.ts'
import type { OpenedSession } from './session.ts'

/** An open tab that waits to hear that its session has ended. */
export interface Listener {
  opened: OpenedSession
  tell(): void
  /** Ends the stream, so that the browser asks anew. */
  sendAgain(): void
  close(): void
}

/** What a process remembers. All of it can be lost: nothing here is the only copy of anything. */
export interface State {
  /** Opened cookies by their text. */
  opened: Map<string, OpenedSession>
  /** Refreshes under way, and those of the last ten seconds, by the refresh token they spend. */
  flights: Map<string, Promise<Refreshed>>
  /** What has ended although its tokens still live: key → until when to remember, and which sessions it means. Milliseconds. */
  ended: Map<string, { until: number; startedBefore: number }>
  /** Logins that were finished here, oldest first: a second use is not sent to the provider. */
  spentLogins: Set<string>
  spentLogoutTokens: ReplayStore
  spentProofs: MemoryReplayStore
  lists: StatusLists
  /** When the provider last let a refresh wait in vain. Milliseconds. */
  slowAt: number
  listeners: Set<Listener>
  timer: NodeJS.Timeout | undefined
  closesOnSigterm: boolean
}

// The version is in the name: two versions of the kit in one process must not share what they read differently.
const HOME = Symbol.for('@grove/site@1')

/**
 * The state of this client at this issuer. Next loads a module four times in one process (instrumentation, proxy, pages, route
 * handlers), so module variables would be four states; `globalThis` is one. Only plain data and closures live here: `instanceof`
 * does not work across those copies.
 */
export function stateOf(clientId: string, issuer: string, create: () => State): State {
  const home = globalThis as { [HOME]?: Map<string, State> } // a symbol of ours on an object of everybody's
  home[HOME] ??= new Map()
  const key = `${clientId} ${issuer}`
  const state = home[HOME].get(key) ?? create()
  home[HOME].set(key, state)
  return state
}

/** Forgets everything, as a restart does. Sites made before go on with what they had: in a test that is a second process. */
export function forgetState(): void {
  delete (globalThis as { [HOME]?: unknown })[HOME] // as above
}
