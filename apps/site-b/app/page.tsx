import { messages } from '../messages.ts'
import { sso } from '../sso.ts'
import { Notice } from './notice.tsx'
import { SignIn } from './root-line.tsx'
import { Spread } from './spread.tsx'
import { Why } from './why.tsx'

const t = messages().welcome

export default async function Journal({ searchParams }: PageProps<'/'>) {
  const session = await sso.session()
  return (
    <main id="main">
      {!session && <Notice query={await searchParams} />}
      {session ? (
        <Why session={session} now={new Date()} />
      ) : (
        <section className="welcome">
          <h1>{t.title}</h1>
          <p className="lead">{t.lead}</p>
          <p className="actions">
            <SignIn className="button">{t.action}</SignIn>
          </p>
          <p className="aside">{t.known}</p>
        </section>
      )}
      <Spread />
    </main>
  )
}
