import type { Metadata } from 'next'
import Link from 'next/link'
import { messages } from '../messages.ts'

const { lost, toHome } = messages()

export const metadata: Metadata = { title: lost.title }

export default function NotFound() {
  return (
    <div className="page plain">
      <h1>{lost.title}</h1>
      <p className="lead">{lost.text}</p>
      <Link className="button" href="/">
        {toHome}
      </Link>
    </div>
  )
}
