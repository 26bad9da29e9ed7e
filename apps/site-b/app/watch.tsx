'use client'
import { watchSession } from '@grove/site/browser'
import { WifiOff } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useEffect, useState } from 'react'
import { messages } from '../messages.ts'

/** Keeps an open page honest: it hears of a sign-out elsewhere, and says when it is offline. */
export function Watch({ signedIn }: { signedIn: boolean }) {
  const router = useRouter()
  const [offline, setOffline] = useState(false)

  useEffect(() => {
    const connection = () => setOffline(!navigator.onLine)
    connection()
    window.addEventListener('online', connection)
    window.addEventListener('offline', connection)
    return () => {
      window.removeEventListener('online', connection)
      window.removeEventListener('offline', connection)
    }
  }, [])

  useEffect(
    () =>
      watchSession({
        isSignedIn: signedIn,
        onEnded: () => location.replace('/?signed-out=elsewhere'),
        onChanged: () => router.refresh(),
      }),
    [signedIn, router],
  )

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
