import { LANDED_COOKIE, readCookie, SESSION_COOKIE, setCookie } from './cookies.ts'
import type { Kit } from './kit.ts'
import type { LoopReason } from './messages.ts'
import { openSession, wasSignedInWithin } from './session.ts'
import { isEnded } from './status.ts'

const MOST_LANDINGS = 3
const LANDED_SECONDS = 10

/**
 * Counts, in the browser, the logins that ended here with a session, each within ten seconds of the one before. It is never trusted, and
 * carries no time: where it is needed the clocks may be what is wrong.
 */
export function landedCookie(request: Request): string {
  const landings = Math.min(landingsOf(request), MOST_LANDINGS) + 1
  return setCookie(LANDED_COOKIE, String(landings), LANDED_SECONDS)
}

/**
 * Why a browser that was given a session three times in a row asks for a login once more; `undefined` if it does not, as when twenty
 * tabs finish their logins at once. Somebody has to stop, or the browser says "too many redirects" and nobody learns the reason.
 */
export async function whyItLoops(
  kit: Kit,
  request: Request,
  maxAgeSeconds?: number,
): Promise<LoopReason | undefined> {
  if (landingsOf(request) < MOST_LANDINGS) return undefined
  const envelope = readCookie(request.headers.get('cookie'), SESSION_COOKIE)
  if (envelope === undefined) return 'cookies'
  const opened = await openSession(kit, envelope)
  if (!opened) return 'secrets'
  if (opened.session.expiresAt <= kit.now()) return 'clock'
  if (await isEnded(kit, opened)) return 'ended'
  return wasSignedInWithin(opened.session, maxAgeSeconds, kit.now()) ? undefined : 'max_age'
}

function landingsOf(request: Request): number {
  return Number(/^[1-4]$/.exec(readCookie(request.headers.get('cookie'), LANDED_COOKIE) ?? '')?.[0] ?? 0)
}
