import { hasEnded } from './ended.ts'
import type { Kit } from './kit.ts'
import type { OpenedSession } from './session.ts'
import { apart } from './traces.ts'

const TTL_MS = 5_000
// A process that has just started asks for the list once; no page waits longer for it than this.
const PATIENCE_MS = 500

/** What has become of a session since its cookie was made. */
export type Standing =
  | 'live'
  /** The bit of its tokens is set: the grant is over, or says something new. Only a refresh can tell which. */
  | 'void'
  /** A logout that this process heard of, or a refresh that was refused. */
  | 'ended'

export async function standingOf(kit: Kit, opened: OpenedSession): Promise<Standing> {
  const known = knownStanding(kit, opened)
  if (known !== undefined || !opened.grant) return known ?? 'live'
  watchStatus(kit)
  // No list to be had: our own sessions go on until their token ends, five minutes at most. Bearer tokens are refused then.
  const asked = kit.state.lists.check(opened.grant).catch(() => 'unknown')
  const patience = new Promise<'unknown'>((resolve) => setTimeout(resolve, PATIENCE_MS, 'unknown').unref())
  return (await Promise.race([asked, patience])) === 'revoked' ? 'void' : 'live'
}

/** Keeps the status list fresh in the background: one timer a process, and it does not keep the process alive. */
export function watchStatus(kit: Kit): void {
  // It may be a request that sets the timer, and none of its doing belongs to that.
  kit.state.timer ??= apart(() => setInterval(() => void refreshStatus(kit), TTL_MS).unref())
}

/** Fetches the list now, then tells the open tabs whose session it ends. A push reaches one replica; this reaches all. */
export async function refreshStatus(kit: Kit): Promise<void> {
  await kit.state.lists.refresh()
  tellEnded(kit)
}

/** Tells the open tabs whose session has ended; those whose tokens are void come again, and are told what became of it. */
export function tellEnded(kit: Kit): void {
  for (const listener of kit.state.listeners) {
    const standing = knownStanding(kit, listener.opened)
    if (standing === 'ended') listener.tell()
    else if (standing === 'void') listener.sendAgain()
  }
}

/** From memory; `undefined` when the list has to be asked for. */
function knownStanding({ state, now }: Kit, opened: OpenedSession): Standing | undefined {
  if (hasEnded(state, opened, now())) return 'ended'
  const status = opened.grant && state.lists.peek(opened.grant)
  return status && (status === 'revoked' ? 'void' : 'live')
}
