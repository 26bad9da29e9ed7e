import '@fontsource-variable/figtree/index.css'
import '@fontsource-variable/geist-mono/index.css'
import '@fontsource-variable/newsreader/opsz.css'
import '@fontsource-variable/newsreader/opsz-italic.css'
import './bones.css'
import './birch.css'
import type { Metadata } from 'next'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { messages } from '../messages.ts'
import { addresses, sso } from '../sso.ts'
import { firstName } from './first-name.ts'
import { NavLink, SignIn } from './root-line.tsx'
import { Watch } from './watch.tsx'

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
        <meta
          httpEquiv="Content-Security-Policy"
          content={`form-action 'self' ${new URL(addresses.grove).origin}`}
        />
      </head>
      <body>
        <a className="skip" href="#main">
          {t.skip}
        </a>
        <header className="root-line">
          <Link className="brand" href="/">
            <svg viewBox="0 0 18 28" aria-hidden="true">
              <rect x="1" y="1" width="16" height="26" rx="3" />
              <path d="M1 6h6M11 10h6M1 14.5h4M8 18h6M1 22h9" />
            </svg>
            {t.site}
          </Link>
          <nav aria-label={t.nav.label}>
            <NavLink href="/">{t.nav.journal}</NavLink>
            <NavLink href="/notes">{t.nav.notes}</NavLink>
          </nav>
          <span className="root-line__line" aria-hidden="true" />
          {session ? (
            <Link className="account-chip" id="account" href="/session">
              <span className="account-chip__avatar" aria-hidden="true">
                {firstName(session.user).slice(0, 1)}
              </span>
              <span>
                {firstName(session.user)}
                <small>{t.chip}</small>
              </span>
            </Link>
          ) : (
            <SignIn id="sign-in" className="sign-in" />
          )}
        </header>
        <Watch signedIn={session !== null} />
        {children}
        <footer className="footer">
          <p>
            {t.footer.about} <a href={addresses.alder}>{t.footer.alder}</a>
          </p>
        </footer>
      </body>
    </html>
  )
}
