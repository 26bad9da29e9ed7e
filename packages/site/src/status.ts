import { hasEnded } from './ended.ts'
import type { Kit } from './kit.ts'
import type { OpenedSession } from './session.ts'

const TTL_MS = 5_000
// A process that has just started asks for the list once; no page waits longer for it than this.
const PATIENCE_MS = 500

/** Whether a session was ended before its token: by a logout that this process heard of, or by its bit in the status list. */
export async function isEnded(kit: Kit, opened: OpenedSession): Promise<boolean> {
  const known = isKnownEnded(kit, opened)
  if (known !== undefined || !opened.grant) return known === true
  watchStatus(kit)
  // No list to be had: our own sessions go on until their token ends, five minutes at most. Bearer tokens are refused then.
  const asked = kit.state.lists.check(opened.grant).catch(() => 'unknown')
  const patience = new Promise<'unknown'>((resolve) => setTimeout(resolve, PATIENCE_MS, 'unknown').unref())
  return (await Promise.race([asked, patience])) === 'revoked'
}

/** Keeps the status list fresh in the background: one timer a process, and it does not keep the process alive. */
export function watchStatus(kit: Kit): void {
  kit.state.timer ??= setInterval(() => void refreshStatus(kit), TTL_MS).unref()
}

/** Fetches the list now, then tells the open tabs whose session it ends. A push reaches one replica; this reaches all. */
export async function refreshStatus(kit: Kit): Promise<void> {
  await kit.state.lists.refresh()
  tellEnded(kit)
}

/** Tells the open tabs whose session has ended. */
export function tellEnded(kit: Kit): void {
  for (const listener of kit.state.listeners) if (isKnownEnded(kit, listener.opened)) listener.tell()
}

/** From memory; `undefined` when the list has to be asked for. */
function isKnownEnded({ state, now }: Kit, opened: OpenedSession): boolean | undefined {
  if (hasEnded(state, opened, now())) return true
  const status = opened.grant && state.lists.peek(opened.grant)
  return status && status === 'revoked'
}
