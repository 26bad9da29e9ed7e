'use client'

import { watchSession } from '@grove/site/browser'
import { useRouter } from 'next/navigation'
import { useEffect } from 'react'

/** Takes what is private off the screen, in every open tab, as soon as the session has ended anywhere; and shows what Grove says anew. */
export function SessionWatch({ signedIn }: { signedIn: boolean }) {
  const router = useRouter()
  useEffect(
    () =>
      watchSession({
        isSignedIn: signedIn,
        onEnded: () => location.replace('/?signed-out=elsewhere'),
        onChanged: () => router.refresh(),
      }),
    [signedIn, router],
  )
  return null
}
