'use client'

import { useEffect, useState } from 'react'
import { ago, endsIn } from '../format.ts'

interface LiveTimeProps {
  at: Date
  /** The server's clock when it rendered: server and browser first say the same, whatever the browser's clock says. */
  now: Date
  as: 'ago' | 'ends'
  /** A sentence with {time} in it. */
  text?: string
}

/** A moment in words that stay true: "12 seconds ago", "ends in 4 min 12 s". */
export function LiveTime({ at, now, as, text = '{time}' }: LiveTimeProps) {
  const [elapsed, setElapsed] = useState(0)
  useEffect(() => {
    const startedAt = performance.now()
    const timer = setInterval(() => setElapsed((performance.now() - startedAt) / 1000), 1000)
    return () => clearInterval(timer)
  }, [])
  const seconds = (at.getTime() - now.getTime()) / 1000 - elapsed
  return (
    <time dateTime={at.toISOString()}>
      {text.replace('{time}', as === 'ago' ? ago(-seconds) : endsIn(seconds))}
    </time>
  )
}
