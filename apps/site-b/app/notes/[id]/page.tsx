import type { Metadata } from 'next'
import Link from 'next/link'
import { notFound } from 'next/navigation'
import { messages } from '../../../messages.ts'
import { notebook } from '../../../notebook.ts'
import { sso } from '../../../sso.ts'
import { date } from '../../../times.ts'

const t = messages().notes

// The title of a note is as private as its text, so it is not the page's title before the session is checked.
export const metadata: Metadata = { title: t.title }

export default async function NotePage({ params }: PageProps<'/notes/[id]'>) {
  const { id } = await params
  const { user } = await sso.requireSession({ returnTo: `/notes/${encodeURIComponent(id)}` })
  const note = await notebook.find(user.id, id)
  if (!note) notFound()
  return (
    <main id="main" className="desk">
      <p>
        <Link href="/notes">{t.back}</Link>
      </p>
      <div>
        <article className="entry--alone">
          <h1>
            <cite>{note.book}</cite>
          </h1>
          <p className="entry__text">{note.text}</p>
          <p className="entry__sign">
            <time dateTime={note.createdAt}>{date(note.createdAt)}</time>
          </p>
        </article>
      </div>
    </main>
  )
}
