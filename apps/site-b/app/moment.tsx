'use client'
import { useEffect, useState } from 'react'
import { ago, left } from '../times.ts'

/** A time in words that stays true while the page is open. `now` is the server's, so that both render the same words at first. */
export function Moment({ at, now, as }: { at: Date; now: Date; as: 'ago' | 'left' }) {
  const [seen, setSeen] = useState(now)
  useEffect(() => {
    const timer = setInterval(() => setSeen(new Date()), 1_000)
    return () => clearInterval(timer)
  }, [])
  return <time dateTime={at.toISOString()}>{as === 'ago' ? ago(at, seen) : left(at, seen)}</time>
}
