import './book.css'
import type { Metadata } from 'next'
import type { ReactNode } from 'react'
import { exportNotesOfBirch, type Note } from '../../birch.ts'
import { date } from '../../format.ts'
import { messages } from '../../messages.ts'
import { birch, sso } from '../../sso.ts'

const { book: words, notes } = messages()
export const metadata: Metadata = { title: words.title }

const PATH = '/notes-book'

/** Birch's API may want a fresher login than the one this session came of. Then that is asked for, once, and this page comes again. */
export default async function NotesBook() {
  const session = await sso.requireSession({ returnTo: PATH })
  const answer = await exportNotesOfBirch(session)
  switch (answer.outcome) {
    case 'refused':
      await sso.stepUp(answer.response, { returnTo: PATH })
      return (
        <Message {...words.refused}>
          <a className="button button--quiet" href={PATH}>
            {words.retry}
          </a>
        </Message>
      )
    case 'unreachable':
      return (
        <Message {...notes.unreachable}>
          <a className="button button--quiet" href={PATH}>
            {words.retry}
          </a>
        </Message>
      )
    case 'read':
      return answer.notes.length > 0 ? (
        <Proof of={answer.notes} />
      ) : (
        <Message {...notes.empty}>
          <a className="button button--quiet" href={new URL('/notes', birch.url).href}>
            {words.toNotes}
          </a>
        </Message>
      )
  }
}

function Message({ heading, text, children }: { heading: string; text: string; children: ReactNode }) {
  return (
    <div className="page aside">
      <h1 id="book-message">{heading}</h1>
      <p>{text}</p>
      {children}
    </div>
  )
}

function Proof({ of }: { of: Note[] }) {
  return (
    <div className="page proof">
      <h1>{words.title}</h1>
      <p className="proof__lead">{words.lead}</p>
      <p className="muted">{words.how}</p>
      <h2>{words.pages(of.length)}</h2>
      <ol className="pages" id="proof">
        {of.map((note) => (
          <li key={note.id}>
            <h3>{note.book}</h3>
            <p className="pages__text">{note.text}</p>
            <p className="muted">{date(new Date(note.createdAt))}</p>
          </li>
        ))}
      </ol>
    </div>
  )
}
