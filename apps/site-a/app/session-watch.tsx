'use client'

import { useEffect } from 'react'

const RETRY_MILLISECONDS = 5000

/** Takes what is private off the screen, in every open tab, as soon as the session has ended anywhere. */
export function SessionWatch({ signedIn }: { signedIn: boolean }) {
  useEffect(() => {
    // Browsers bring back even no-store pages after "back": let the server decide again what may be seen.
    const show = (event: PageTransitionEvent) => event.persisted && location.reload()
    addEventListener('pageshow', show)
    return () => removeEventListener('pageshow', show)
  }, [])
  useEffect(() => (signedIn ? watch() : undefined), [signedIn])
  return null
}

function watch(): () => void {
  const tabs = new BroadcastChannel('session')
  const leaving = new AbortController()
  const { signal } = leaving
  const ended = () => {
    if (!signal.aborted) location.replace('/?signed-out=elsewhere')
  }
  tabs.addEventListener('message', ended)

  const listen = () => {
    if (signal.aborted) return
    const events = new EventSource('/sso/events')
    signal.addEventListener('abort', () => events.close())
    const tell = () => {
      tabs.postMessage('signed-out')
      ended()
    }
    events.addEventListener('signed-out', tell)
    events.addEventListener('error', async () => {
      if (events.readyState !== EventSource.CLOSED) return // it comes back by itself
      // Refused: signed out, or only asleep for longer than a token lives. An ordinary request renews that, or says 401.
      const status = await fetch('/api/me', { signal })
        .then((answer) => answer.status)
        .catch(() => 0)
      if (status === 401) tell()
      else setTimeout(listen, RETRY_MILLISECONDS)
    })
  }
  // Over HTTP/1.1 a browser opens six connections to a host: one tab listens and tells the others. It holds the lock until it is
  // gone, so the next one starts only after a sign-out that is under way here.
  let release = () => {}
  const untilReleased = new Promise<void>((resolve) => {
    release = resolve
  })
  navigator.locks
    .request('session-events', { signal }, () => {
      listen()
      return untilReleased
    })
    .catch(() => {}) // left while it waited for its turn

  // The tab that signs out is told as well; to move it then would cancel its own way to Grove.
  const leave = () => leaving.abort()
  addEventListener('beforeunload', leave)
  return () => {
    leave()
    release()
    tabs.close()
    removeEventListener('beforeunload', leave)
  }
}
