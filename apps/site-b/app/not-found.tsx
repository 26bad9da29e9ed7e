import type { Metadata } from 'next'
import Link from 'next/link'
import { messages } from '../messages.ts'

const t = messages()

export const metadata: Metadata = { title: t.lost.title }

export default function NotFound() {
  return (
    <main id="main" className="blank">
      <h1>{t.lost.title}</h1>
      <p className="lead">{t.lost.text}</p>
      <p>
        <Link className="button" href="/">
          {t.home}
        </Link>
      </p>
    </main>
  )
}
