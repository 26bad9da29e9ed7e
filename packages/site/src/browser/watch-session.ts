const RETRY_MILLISECONDS = 5_000

/**
 * Keeps an open page honest. Calls `onEnded` once in each open tab as soon as the session has ended anywhere, and reloads a page
 * that the back button brought out of the browser's cache, because browsers keep even `no-store` pages there.
 * `onChanged`: the provider says something new about the person, such as another role. `isSignedIn`: whether the page was made for somebody. Returns how to stop.
 */
export function watchSession({
  isSignedIn,
  onEnded,
  onChanged = () => {},
}: {
  isSignedIn: boolean
  onEnded: () => void
  onChanged?: () => void
}): () => void {
  const revived = (event: PageTransitionEvent) => event.persisted && location.reload()
  addEventListener('pageshow', revived)
  const stop = isSignedIn ? listen(onEnded, onChanged) : () => {}
  return () => {
    removeEventListener('pageshow', revived)
    stop()
  }
}

function listen(onEnded: () => void, onChanged: () => void): () => void {
  const tabs = new BroadcastChannel('grove-session')
  const leaving = new AbortController()
  const { signal } = leaving
  const hear = (event: unknown) => {
    if (!signal.aborted) (event === 'changed' ? onChanged : onEnded)()
  }
  const tell = (event: 'signed-out' | 'changed') => {
    tabs.postMessage(event)
    hear(event)
  }
  tabs.addEventListener('message', ({ data }) => hear(data))

  const open = () => {
    if (signal.aborted) return
    const events = new EventSource('/sso/events')
    signal.addEventListener('abort', () => events.close())
    events.addEventListener('signed-out', () => {
      events.close() // it would come back by itself
      tell('signed-out')
    })
    events.addEventListener('changed', () => tell('changed'))
    events.addEventListener('error', () => {
      if (events.readyState === EventSource.CLOSED) setTimeout(open, RETRY_MILLISECONDS) // the site cannot tell just now
    })
  }
  // Over HTTP/1.1 a browser opens six connections to a host: one tab listens and tells the others. It holds the lock until it is
  // gone, so the next one starts only after a sign-out that is under way here.
  let release = () => {}
  const untilReleased = new Promise<void>((resolve) => {
    release = resolve
  })
  navigator.locks
    .request('grove-session-events', { signal }, () => {
      open()
      return untilReleased
    })
    .catch(() => {}) // left while it waited for its turn

  // The tab that signs out is told as well; to move it then would cancel its own way to the provider.
  const leave = () => leaving.abort()
  addEventListener('beforeunload', leave)
  return () => {
    leave()
    release()
    tabs.close()
    removeEventListener('beforeunload', leave)
  }
}
