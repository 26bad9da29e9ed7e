import { readCookie, SESSION_COOKIE, sessionCookie } from './cookies.ts'
import type { Kit } from './kit.ts'
import { refreshSession, reviveSession } from './refresh.ts'
import { type OpenedSession, openSession } from './session.ts'
import type { Listener, State } from './state.ts'
import { standingOf } from './status.ts'

const HEARTBEAT_MS = 15_000
// How long a browser waits before it asks anew: when it is sent away to do so, and when the stream just broke.
const SOON_MS = 500
const LATER_MS = 3_000

/**
 * `GET /sso/events`: `signed-out`, when the session of this tab has ended, at once if it has already; `changed`, when the provider says
 * something new about the person. A token that only ran out, while the computer slept, is renewed. 503 when nobody can tell.
 */
export async function events(kit: Kit, request: Request): Promise<Response> {
  const found = await present(
    kit,
    await openSession(kit, readCookie(request.headers.get('cookie'), SESSION_COOKIE)),
  )
  switch (found.outcome) {
    case 'refused':
      return stream('event: signed-out\ndata: {}\n\n')
    case 'unavailable':
      return new Response(null, { status: 503, headers: { 'cache-control': 'no-store', 'retry-after': '5' } })
    case 'fresh':
      return stream(untilItEnds(kit, found.opened, found.hasChanged), found.cookies)
  }
}

type Present =
  | { outcome: 'fresh'; opened: OpenedSession; cookies: string[]; hasChanged?: true }
  | { outcome: 'refused' | 'unavailable' }

async function present(kit: Kit, opened: OpenedSession | null): Promise<Present> {
  const standing = opened && (await standingOf(kit, opened))
  if (!opened || standing === 'ended') return { outcome: 'refused' }
  const isVoid = standing === 'void'
  if (!isVoid && opened.session.expiresAt > kit.now()) return { outcome: 'fresh', opened, cookies: [] }
  const refreshed = await (isVoid ? reviveSession : refreshSession)(kit, opened)
  if (refreshed.outcome !== 'fresh') return refreshed
  const cookies = [sessionCookie(refreshed.envelope)]
  return { outcome: 'fresh', opened: refreshed.opened, cookies, ...(isVoid && { hasChanged: true }) }
}

function stream(body: string | ReadableStream<Uint8Array>, cookies: string[] = []): Response {
  const headers = new Headers({
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    vary: 'cookie',
  })
  for (const cookie of cookies) headers.append('set-cookie', cookie)
  return new Response(body, { headers })
}

function untilItEnds(kit: Kit, opened: OpenedSession, hasChanged = false): ReadableStream<Uint8Array> {
  const { state } = kit
  const utf8 = new TextEncoder()
  let stop = () => {}

  closeOnSigterm(state)
  return new ReadableStream<Uint8Array>({
    start(controller) {
      const write = (text: string) => controller.enqueue(utf8.encode(text))
      const heartbeat = setInterval(() => write(': still here\n\n'), HEARTBEAT_MS).unref()
      const listener: Listener = {
        opened,
        tell() {
          write('event: signed-out\ndata: {}\n\n')
          listener.close()
        },
        sendAgain() {
          write(`retry: ${SOON_MS}\n\n`)
          listener.close()
        },
        close() {
          stop()
          controller.close()
        },
      }
      stop = () => {
        clearInterval(heartbeat)
        state.listeners.delete(listener)
      }
      state.listeners.add(listener)
      write(`: listening\nretry: ${LATER_MS}\n\n`)
      if (hasChanged) write('event: changed\ndata: {}\n\n')
    },
    cancel: () => stop(),
  })
}

/** A server that is told to stop waits for open answers, and these would stay open for as long as their tabs. */
function closeOnSigterm(state: State): void {
  if (state.closesOnSigterm) return
  state.closesOnSigterm = true
  process.once('SIGTERM', () => {
    for (const listener of state.listeners) listener.close()
    // Listening for a signal takes away its default. If nobody else listens, the process has to end as it would have.
    if (process.listenerCount('SIGTERM') === 0) process.kill(process.pid, 'SIGTERM')
  })
}
