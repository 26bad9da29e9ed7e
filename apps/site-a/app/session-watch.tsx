'use client'

import { watchSession } from '@grove/site/browser'
import { useEffect } from 'react'

/** Takes what is private off the screen, in every open tab, as soon as the session has ended anywhere. */
export function SessionWatch({ signedIn }: { signedIn: boolean }) {
  useEffect(
    () => watchSession({ isSignedIn: signedIn, onEnded: () => location.replace('/?signed-out=elsewhere') }),
    [signedIn],
  )
  return null
}
