import type { Session } from '@grove/site'
import { ArrowRight, ArrowUpRight } from 'lucide-react'
import { type ReactNode, Suspense } from 'react'
import { type Note, readNotesAtBirch } from '../birch.ts'
import { books } from '../books.ts'
import { date } from '../format.ts'
import { messages } from '../messages.ts'
import { birch } from '../sso.ts'
import { Cover } from './cover.tsx'

const { book: bound, notes: words } = messages()
const MOST_SHOWN = 3

/** One token, both sites: Alder's server asks Birch's API in the person's name. The page does not wait for the answer. */
export function BirchNotes({ session }: { session: Session | null }) {
  return (
    <section className="page" id="birch-notes" aria-label={words.heading}>
      {session ? (
        <Suspense fallback={<Loading />}>
          <Notes session={session} />
        </Suspense>
      ) : (
        <Margin {...words.signedOut}>
          <ToBirch text={words.visit} />
        </Margin>
      )}
    </section>
  )
}

async function Notes({ session }: { session: Session }) {
  const answer = await readNotesAtBirch(session)
  if (answer.outcome === 'unreachable') {
    return (
      <Margin {...words.unreachable}>
        <a className="button button--quiet" href="/">
          {words.retry}
        </a>
      </Margin>
    )
  }
  if (answer.notes.length === 0) {
    return (
      <Margin {...words.empty}>
        <ToBirch text={words.write} />
      </Margin>
    )
  }
  return (
    <Margin heading={words.heading} aside={words.how}>
      <ul className="notes">
        {answer.notes.slice(0, MOST_SHOWN).map((note) => (
          <NoteInTheMargin key={note.id} note={note} />
        ))}
      </ul>
      <div className="margin__onward">
        <ToBirch text={words.all} />
        {/* Never <Link>: the page behind it may have to ask for the password. */}
        <a className="onward" id="to-book" href="/notes-book">
          {bound.link} <ArrowRight size={17} aria-hidden="true" />
        </a>
      </div>
    </Margin>
  )
}

function Loading() {
  return (
    <Margin heading={words.heading} aside={words.loading}>
      <div className="notes notes--loading" aria-hidden="true" />
    </Margin>
  )
}

function Margin(props: { heading: string; aside?: string; text?: string; children: ReactNode }) {
  return (
    <div className="margin">
      <div>
        <h2>{props.heading}</h2>
        {props.aside && <p className="muted">{props.aside}</p>}
      </div>
      <div>
        {props.text && <p>{props.text}</p>}
        {props.children}
      </div>
    </div>
  )
}

function NoteInTheMargin({ note }: { note: Note }) {
  const book = books.find(({ title }) => title === note.book)
  return (
    <li>
      {book && <Cover book={book} />}
      <div>
        <h3>{note.book}</h3>
        <p>{note.text}</p>
        <p className="muted">{date(new Date(note.createdAt))}</p>
      </div>
    </li>
  )
}

function ToBirch({ text }: { text: string }) {
  return (
    <a className="onward" href={new URL('/notes', birch.url).href}>
      {text} <ArrowUpRight size={17} aria-hidden="true" />
    </a>
  )
}
