import { createHash } from 'node:crypto'
import { LANDED_COOKIE, readCookie, SESSION_COOKIE, setCookie } from './cookies.ts'
import type { Kit } from './kit.ts'
import type { LoopReason } from './messages.ts'
import { openSession, wasSignedInWithin } from './session.ts'
import { standingOf } from './status.ts'

const MOST_LANDINGS = 3
const LANDED_SECONDS = 10

/** Logins that ended here with a session, each within ten seconds of the one before. */
interface Landings {
  all: number
  /** Of those, the last ones that went to one and the same page. */
  here: number
  page: string
}

/**
 * Counts landings in the browser itself. The count is never trusted, and carries no time: where it is needed the clocks may be what is
 * wrong.
 */
export function landedCookie(request: Request, returnTo: string): string {
  const last = landingsOf(request)
  const page = tagOf(returnTo)
  const here = last.page === page ? last.here + 1 : 1
  return setCookie(
    LANDED_COOKIE,
    [Math.min(last.all + 1, 9), Math.min(here, 9), page].join('.'),
    LANDED_SECONDS,
  )
}

/**
 * Why a browser that was given a session three times in a row asks for a login once more; `undefined` if it does not, as when twenty
 * tabs finish their logins at once. Somebody has to stop, or the browser says "too many redirects" and nobody learns the reason.
 */
export async function whyItLoops(
  kit: Kit,
  request: Request,
  { returnTo, maxAgeSeconds }: { returnTo: string; maxAgeSeconds?: number },
): Promise<LoopReason | undefined> {
  const { all, here, page } = landingsOf(request)
  if (all < MOST_LANDINGS) return undefined
  const envelope = readCookie(request.headers.get('cookie'), SESSION_COOKIE)
  if (envelope === undefined) return 'cookies'
  const opened = await openSession(kit, envelope)
  if (!opened) return 'secrets'
  if (opened.session.expiresAt <= kit.now()) return 'clock'
  if ((await standingOf(kit, opened)) !== 'live') return 'ended'
  if (!wasSignedInWithin(opened.session, maxAgeSeconds, kit.now())) return 'max_age'
  // All is well here, so it is another process that answered the page. A browser gives up after twenty redirects, which are five rounds.
  return here > MOST_LANDINGS && page === tagOf(returnTo) ? 'replicas' : undefined
}

function landingsOf(request: Request): Landings {
  const value = readCookie(request.headers.get('cookie'), LANDED_COOKIE) ?? ''
  const [, all = 0, here = 0, page = ''] = /^(\d)\.(\d)\.([\w-]{8})$/.exec(value) ?? []
  return { all: Number(all), here: Number(here), page }
}

const tagOf = (returnTo: string) => createHash('sha256').update(returnTo).digest('base64url').slice(0, 8)
