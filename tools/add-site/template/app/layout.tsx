import '@fontsource-variable/figtree/wght.css'
import '@fontsource-variable/fraunces/opsz.css'
import '@fontsource-variable/geist-mono/wght.css'
import './bones.css'
import './palette.css'
import './site.css'
import type { Metadata } from 'next'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { messages } from '../messages.ts'
import { issuerOrigin, sso } from '../sso.ts'
import { nameOf } from './name-of.ts'
import { SessionWatch } from './session-watch.tsx'

// Every page shows who is signed in, so none can be made at build time.
export const dynamic = 'force-dynamic'

const t = messages()

export const metadata: Metadata = {
  title: { default: t.site, template: `%s · ${t.site}` },
  description: t.description,
}

export default async function Layout({ children }: { children: ReactNode }) {
  const session = await sso.session()
  return (
    <html lang="en">
      <head>
        {/* Signing out posts a form that ends at the issuer, so 'self' alone would block it, silently. */}
        <meta httpEquiv="Content-Security-Policy" content={`form-action 'self' ${issuerOrigin}`} />
      </head>
      <body>
        <a className="skip" href="#main">
          {t.skip}
        </a>
        <header className="root-line">
          <Link className="brand" href="/">
            {t.site}
          </Link>
          <nav className="nav" aria-label={t.nav.label}>
            <Link href="/">{t.nav.home}</Link>
            <Link href="/inside">{t.nav.inside}</Link>
          </nav>
          <span className="root-line__line" aria-hidden="true" />
          {session ? <AccountChip name={nameOf(session.user)} /> : <SignIn />}
        </header>
        <main id="main">{children}</main>
        <footer className="footer page">{t.footer}</footer>
        <SessionWatch signedIn={session !== null} />
      </body>
    </html>
  )
}

function AccountChip({ name }: { name: string }) {
  return (
    <Link id="account" className="account-chip" href="/session">
      <span className="account-chip__avatar" aria-hidden="true">
        {[...name][0]?.toUpperCase()}
      </span>
      <span>
        {name}
        <small>{t.chip}</small>
      </span>
    </Link>
  )
}

// A plain link, never <Link>: that one is fetched ahead, and a login must start only when somebody asks for it.
function SignIn() {
  return (
    <a id="sign-in" className="button" href="/sso/login?returnTo=/">
      {t.signIn}
    </a>
  )
}
