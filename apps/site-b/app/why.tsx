import type { Session } from '@grove/site'
import { Cookie } from 'lucide-react'
import Link from 'next/link'
import { messages } from '../messages.ts'
import { addresses } from '../sso.ts'
import { firstName } from './first-name.ts'
import { Moment } from './moment.tsx'

const t = messages().why
const host = {
  birch: new URL(addresses.birch).host,
  grove: new URL(addresses.grove).host,
  alder: new URL(addresses.alder).host,
}

type Lane = 'site' | 'grove'

/** The four requests in order: which of the two addresses the browser talks to, and the cookie of that address it brings and gets. */
const requests: { lane: Lane; path: string; sent?: string; set?: string }[] = [
  { lane: 'site', path: '/', set: '__Host-login…' },
  { lane: 'grove', path: '/authorize?prompt=none', sent: '__Host-sso' },
  { lane: 'site', path: '/sso/callback?code=…', sent: '__Host-login…', set: '__Host-session' },
  { lane: 'site', path: '/', sent: '__Host-session' },
]

/** Says hello, and why this site knows the person: the four requests of a silent sign-in and the cookies each one carried. */
export function Why({ session, now }: { session: Session; now: Date }) {
  const via = session.signedInVia ?? t.elsewhere
  // Whoever typed the password here has not seen it happen yet: then the example is the way to Alder.
  const isHome = via === messages().site
  const [site, siteHost, other] = isHome ? ['Alder', host.alder, 'Birch'] : ['Birch', host.birch, via]
  const steps = t.steps(site, other)
  return (
    <section className="why">
      <div className="why__hello">
        <h1 id="greeting">{t.greeting(firstName(session.user))}</h1>
        <p id="why" className="lead">
          {t.signedInAt(via)} <Moment at={session.signedInAt} now={now} as="ago" />.{' '}
          {isHome ? t.here('Alder') : t.noCookie}
        </p>
        <p className="actions">
          <Link className="button" href="/notes">
            {t.next.notes}
          </Link>
          <a className="button button--quiet" href={addresses.alder}>
            {t.next.alder}
          </a>
        </p>
      </div>
      <figure className="path">
        <figcaption>
          <h2>{t.title}</h2>
          <p>{t.lanes}</p>
        </figcaption>
        <p className="path__lanes" aria-hidden="true">
          <span className="site">{site}</span>
          <span className="grove">Grove</span>
        </p>
        <ol>
          {requests.map((request, index) => (
            <li key={steps[index]?.title} data-lane={request.lane}>
              <Track from={request.lane} to={requests[index + 1]?.lane} />
              <div className="path__words">
                <code>
                  <b>{request.lane === 'site' ? siteHost : host.grove}</b>
                  {request.path}
                </code>
                <h3>{steps[index]?.title}</h3>
                <p>{steps[index]?.text}</p>
              </div>
              <dl className="path__cookies">
                <dt>{t.sent}</dt>
                <dd>{request.sent ? <Jarred name={request.sent} /> : <i>{t.nothing}</i>}</dd>
                {request.set && (
                  <>
                    <dt>{t.set}</dt>
                    <dd>
                      <Jarred name={request.set} />
                    </dd>
                  </>
                )}
              </dl>
            </li>
          ))}
        </ol>
        {!isHome && <p className="path__foot">{t.byLink(site)}</p>}
      </figure>
      <div className="jars">
        <h2>{t.jars}</h2>
        <p>{t.jarsLead}</p>
        <ul>
          <Jar of="alder" cookie="__Host-session" />
          <Jar of="grove" cookie="__Host-sso" />
          <Jar of="birch" cookie="__Host-session" />
        </ul>
        <p>
          <Link href="/session">{t.next.session}</Link>
        </p>
      </div>
    </section>
  )
}

/** One stretch of the browser's way, from this request's address to the next one's. */
function Track({ from, to }: { from: Lane; to?: Lane }) {
  const x = { site: 20, grove: 80 }
  return (
    <span className="track" aria-hidden="true">
      {to && (
        <svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
          <path d={`M${x[from]} 0C${x[from]} 60 ${x[to]} 40 ${x[to]} 100`} />
        </svg>
      )}
    </span>
  )
}

function Jarred({ name }: { name: string }) {
  return (
    <span className="jarred">
      <Cookie aria-hidden="true" />
      {name}
    </span>
  )
}

function Jar({ of, cookie }: { of: keyof typeof host; cookie: string }) {
  return (
    <li data-jar={of}>
      <h3>{t.jarOf[of].name}</h3>
      <code>{host[of]}</code>
      <Jarred name={cookie} />
      <p>{t.jarOf[of].text}</p>
    </li>
  )
}
