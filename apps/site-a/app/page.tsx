import './home.css'
import type { Session } from '@grove/site'
import { type Book, bookOf, books } from '../books.ts'
import { price } from '../format.ts'
import { messages } from '../messages.ts'
import { SITE_NAME, sso } from '../sso.ts'
import { BirchNotes } from './birch-notes.tsx'
import { Cover, Spine } from './cover.tsx'
import { LiveTime } from './live-time.tsx'

const { home, notice, shop } = messages()
const FRESH_SECONDS = 600

export default async function Home({ searchParams }: PageProps<'/'>) {
  const [session, query] = await Promise.all([sso.session(), searchParams])
  return (
    <>
      {!session && <Notice text={noticeOf(query)} />}
      <section className="hero">
        <div className="hero__words">{session ? <Greeting session={session} /> : <Welcome />}</div>
        <div className="hero__shelf">
          <Spine book={bookOf('middlemarch')} />
          <Spine book={bookOf('garden-party')} />
          <Cover book={bookOf('lighthouse')} />
          <Spine book={bookOf('moonstone')} />
          <Spine book={bookOf('willows')} />
          <Cover book={bookOf('kokoro')} />
          <Spine book={bookOf('flatland')} />
          <Spine book={bookOf('antonia')} />
        </div>
      </section>
      {session && <BirchNotes session={session} />}
      <section className="page table" id="table" aria-labelledby="table-heading">
        <h2 id="table-heading">{home.tableHeading}</h2>
        <p className="muted">{home.tableLead}</p>
        <ul className="shelf">
          {books.map((book) => (
            <OnTheShelf key={book.slug} book={book} />
          ))}
        </ul>
      </section>
      {!session && <BirchNotes session={null} />}
    </>
  )
}

function noticeOf(query: Record<string, string | string[] | undefined>): string | undefined {
  if (query.sso === 'none') return notice.none
  const ended = query['signed-out']
  return ended === 'site' || ended === 'everywhere' || ended === 'elsewhere' ? notice[ended] : undefined
}

function Notice({ text }: { text: string | undefined }) {
  return text ? (
    <p className="page notice" role="status">
      {text}
    </p>
  ) : null
}

function Welcome() {
  return (
    <>
      <h1>{home.headline}</h1>
      <p>{home.lead}</p>
      <p className="hero__action">
        <a className="button button--light" href="/sso/login?returnTo=/">
          {shop.signIn}
        </a>
        <span>{home.signInWhy}</span>
      </p>
    </>
  )
}

function Greeting({ session: { user, signedInVia, signedInAt, startedAt } }: { session: Session }) {
  const now = new Date()
  const isFresh = now.getTime() - startedAt.getTime() < FRESH_SECONDS * 1000
  const other = signedInVia && signedInVia !== SITE_NAME ? signedInVia : undefined
  const why = other ? home.why.elsewhere(other) : signedInVia ? home.why.here : home.why.unknown
  return (
    <>
      <h1 id="greeting">{home.greeting(user.givenName ?? user.name ?? user.email ?? user.id)}</h1>
      <p id="why">
        <LiveTime at={signedInAt} now={now} as="ago" text={why} />{' '}
        {other && isFresh && home.why.noCookieAcross}
      </p>
      {other && isFresh && (
        <ol className="route">
          {home.route(other).map(({ place, what }) => (
            <li key={what}>
              <b>{place}</b> {what}
            </li>
          ))}
        </ol>
      )}
    </>
  )
}

function OnTheShelf({ book }: { book: Book }) {
  return (
    <li>
      <div className="shelf__stand">
        <Cover book={book} />
      </div>
      <h3>{book.title}</h3>
      <p className="muted">{book.author}</p>
      <p className="price">{price(book.priceCents)}</p>
    </li>
  )
}
