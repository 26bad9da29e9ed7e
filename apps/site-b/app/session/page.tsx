import type { Metadata } from 'next'
import { cookies } from 'next/headers'
import { messages } from '../../messages.ts'
import { addresses, sso } from '../../sso.ts'
import { count } from '../../times.ts'
import { Moment } from '../moment.tsx'
import { Claims } from './claims.tsx'

const t = messages().session
const COOKIE = '__Host-session'

export const metadata: Metadata = { title: t.title }

export default async function SessionPage() {
  const { token, expiresAt } = await sso.requireSession({ returnTo: '/session' })
  const size = COOKIE.length + 1 + ((await cookies()).get(COOKIE)?.value.length ?? 0)
  const now = new Date()
  const { facts } = t
  return (
    <main id="main" className="account">
      <h1>{t.title}</h1>
      <p className="lead">{t.lead}</p>
      <section aria-labelledby="token">
        <h2 id="token">{t.token}</h2>
        <p className="account__open">{t.open}</p>
        <div className="token">
          <Part name="header" title={t.header} content={token.header} />
          <Part name="payload" title={t.payload} content={token.claims} />
          <section className="token__part" data-part="signature">
            <h3>{t.signature}</h3>
            <p>{t.left}</p>
          </section>
        </div>
      </section>
      <section aria-labelledby="claims-title">
        <h2 id="claims-title">{t.claims}</h2>
        <Claims claims={token.claims} now={now} />
      </section>
      <section aria-labelledby="cookie-title">
        <h2 id="cookie-title">{t.cookie}</h2>
        <dl className="facts">
          <Fact name={facts.from} words={facts.fromText(new URL(addresses.grove).host)} />
          <Fact name={facts.name} value={COOKIE} words={facts.nameText} />
          <Fact name={facts.flags} value="HttpOnly; Secure; SameSite=Lax; Path=/" words={facts.flagsText} />
          <Fact name={facts.size} value={facts.bytes(count(size))} words={facts.sizeText} />
          <dt>{facts.ends}</dt>
          <dd>
            <code>
              <Moment at={expiresAt} now={now} as="left" />
            </code>
            <span>{facts.endsText}</span>
          </dd>
        </dl>
      </section>
      <section className="out" aria-labelledby="out-title">
        <h2 id="out-title">{t.out}</h2>
        <SignOut scope="site" label={t.outSite} text={t.outSiteText} />
        <SignOut scope="everywhere" label={t.outEverywhere} text={t.outEverywhereText} />
      </section>
    </main>
  )
}

function Part({ name, title, content }: { name: 'header' | 'payload'; title: string; content: object }) {
  return (
    <section className="token__part" data-part={name}>
      <h3>{title}</h3>
      <pre>{JSON.stringify(content, null, 2)}</pre>
    </section>
  )
}

function Fact({ name, value, words }: { name: string; value?: string; words: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>
        {value && <code>{value}</code>}
        <span>{words}</span>
      </dd>
    </>
  )
}

function SignOut({ scope, label, text }: { scope: 'site' | 'everywhere'; label: string; text: string }) {
  return (
    <form className="out__choice" method="post" action="/sso/logout">
      <input type="hidden" name="scope" value={scope} />
      <button
        className="button button--quiet"
        id={`sign-out-${scope}`}
        type="submit"
        aria-describedby={`out-${scope}`}
      >
        {label}
      </button>
      <p id={`out-${scope}`}>{text}</p>
    </form>
  )
}
