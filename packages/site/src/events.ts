import { empty } from './answers.ts'
import { readCookie, SESSION_COOKIE } from './cookies.ts'
import type { Kit } from './kit.ts'
import { liveSession } from './session.ts'
import type { Listener, State } from './state.ts'

const HEARTBEAT_MS = 15_000

/** `GET /sso/events`: one event, `signed-out`, when the session of this tab has ended. 204 without a session: do not come back. */
export async function events(kit: Kit, request: Request): Promise<Response> {
  const opened = await liveSession(kit, readCookie(request.headers.get('cookie'), SESSION_COOKIE))
  if (!opened) return empty(204)
  const { state } = kit
  const utf8 = new TextEncoder()
  let stop = () => {}

  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      const write = (text: string) => controller.enqueue(utf8.encode(text))
      const heartbeat = setInterval(() => write(': still here\n\n'), HEARTBEAT_MS).unref()
      const listener: Listener = {
        opened,
        tell() {
          write('event: signed-out\ndata: {}\n\n')
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
      write(': listening\n\n')
    },
    cancel: () => stop(),
  })

  closeOnSigterm(state)
  return new Response(stream, {
    headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' },
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
