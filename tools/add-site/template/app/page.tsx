import type { Session } from '@grove/site'
import Link from 'next/link'
import { messages } from '../messages.ts'
import { sso } from '../sso.ts'
import { nameOf } from './name-of.ts'
import { Seedling } from './seedling.tsx'

const t = messages()

export default async function Home({ searchParams }: PageProps<'/'>) {
  const [session, query] = await Promise.all([sso.session(), searchParams])
  return (
    <>
      {!session && <Notice query={query} />}
      <section className="hero page">
        <div className="hero__words">{session ? <Greeting session={session} /> : <Welcome />}</div>
        <Seedling />
      </section>
      <section className="page files" aria-labelledby="files">
        <h2 id="files">{t.home.grown}</h2>
        <dl>
          {t.home.files.map(([file, what]) => (
            <div key={file}>
              <dt className="mono">{file}</dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
      </section>
    </>
  )
}

/** What the address says about how one got here. */
function Notice({ query }: { query: Record<string, string | string[] | undefined> }) {
  const key = query.sso === 'none' ? 'none' : String(query['signed-out'])
  const text = Object.hasOwn(t.notices, key) && t.notices[key]
  return text ? (
    <p className="page notice" role="status">
      {text}
    </p>
  ) : null
}

function Welcome() {
  return (
    <>
      <h1>{t.home.title}</h1>
      <p className="lead">{t.home.lead}</p>
      <p className="actions">
        <a className="button" href="/sso/login?returnTo=/">
          {t.signIn}
        </a>
      </p>
    </>
  )
}

function Greeting({ session: { user, signedInVia } }: { session: Session }) {
  const elsewhere = signedInVia ? t.home.via(signedInVia) : t.home.unknown
  return (
    <>
      <h1 id="greeting">{t.home.greeting(nameOf(user))}</h1>
      <p id="why" className="lead">
        {signedInVia === t.site ? t.home.here : elsewhere}
      </p>
      <p className="actions">
        <Link className="button" href="/inside">
          {t.home.inside}
        </Link>
        <Link className="button button--quiet" href="/session">
          {t.home.session}
        </Link>
      </p>
    </>
  )
}
