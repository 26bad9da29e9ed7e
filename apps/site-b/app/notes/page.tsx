import { Trash2 } from 'lucide-react'
import type { Metadata } from 'next'
import Link from 'next/link'
import { messages } from '../../messages.ts'
import { notebook } from '../../notebook.ts'
import { sso } from '../../sso.ts'
import { date } from '../../times.ts'
import { deleteNote } from './actions.ts'
import { NoteForm } from './note-form.tsx'

const t = messages().notes

export const metadata: Metadata = { title: t.title }

export default async function NotesPage() {
  const { user } = await sso.requireSession({ returnTo: '/notes' })
  const notes = await notebook.list(user.id)
  return (
    <main id="main" className="desk">
      <h1>{t.title}</h1>
      <div>
        {/* A kept note makes a new, empty form. */}
        <NoteForm key={notes[0]?.id} />
      </div>
      {notes.length === 0 ? (
        <section className="desk__empty">
          <h2>{t.empty}</h2>
          <p>{t.emptyText}</p>
        </section>
      ) : (
        <section aria-labelledby="count">
          <h2 id="count">{t.count(notes.length)}</h2>
          <ul className="desk__list">
            {notes.map((note) => (
              <li className="entry" key={note.id}>
                <h3>
                  <Link href={`/notes/${note.id}`} title={t.open(note.book)}>
                    <cite>{note.book}</cite>
                  </Link>
                </h3>
                <p className="entry__text">{note.text}</p>
                <p className="entry__sign">
                  <time dateTime={note.createdAt}>{date(note.createdAt)}</time>
                </p>
                <form action={deleteNote}>
                  <input type="hidden" name="id" value={note.id} />
                  <button
                    className="icon-button"
                    type="submit"
                    aria-label={t.remove(note.book)}
                    title={t.remove(note.book)}
                  >
                    <Trash2 aria-hidden="true" />
                  </button>
                </form>
              </li>
            ))}
          </ul>
        </section>
      )}
    </main>
  )
}
