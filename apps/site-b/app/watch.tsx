'use client'
import { WifiOff } from 'lucide-react'
import { useEffect, useState } from 'react'
import { messages } from '../messages.ts'

/** Keeps an open page honest: it hears of a sign-out elsewhere, is not revived from the back button's cache, and says when it is offline. */
export function Watch({ signedIn }: { signedIn: boolean }) {
  const [offline, setOffline] = useState(false)

  useEffect(() => {
    // Chromium restores even no-store pages: without this, "back" shows the notes of somebody who signed out at the other site.
    const revived = (event: PageTransitionEvent) => event.persisted && location.reload()
    const connection = () => setOffline(!navigator.onLine)
    connection()
    window.addEventListener('pageshow', revived)
    window.addEventListener('online', connection)
    window.addEventListener('offline', connection)
    return () => {
      window.removeEventListener('pageshow', revived)
      window.removeEventListener('online', connection)
      window.removeEventListener('offline', connection)
    }
  }, [])

  useEffect(() => {
    if (!signedIn) return
    const events = new EventSource('/sso/events')
    let isLeaving = false
    // The tab that signs out is told too, and must not cancel its own way to Grove.
    const leave = () => {
      isLeaving = true
      events.close()
    }
    events.addEventListener('signed-out', () => {
      if (!isLeaving) location.replace('/?signed-out=elsewhere')
    })
    window.addEventListener('beforeunload', leave)
    return () => {
      window.removeEventListener('beforeunload', leave)
      events.close()
    }
  }, [signedIn])

  return (
    <div className="notice-place" role="status">
      {offline && (
        <p className="notice">
          <WifiOff aria-hidden="true" />
          {messages().notices.offline}
        </p>
      )}
    </div>
  )
}
