import '@fontsource-variable/fraunces/opsz.css'
import '@fontsource-variable/fraunces/opsz-italic.css'
import '@fontsource-variable/figtree/wght.css'
import '@fontsource-variable/geist-mono/wght.css'
import './bones.css'
import './alder.css'
import { ArrowUpRight } from 'lucide-react'
import type { Metadata } from 'next'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { messages } from '../messages.ts'
import { birch, issuerOrigin, sso } from '../sso.ts'
import { SessionWatch } from './session-watch.tsx'

const { language, shop } = messages()

export const metadata: Metadata = {
  title: { default: shop.title, template: `%s · ${shop.name}` },
  description: shop.description,
}

export default async function Layout({ children }: { children: ReactNode }) {
  const session = await sso.session()
  return (
    <html lang={language}>
      <head>
        {/* Signing out goes on from our form to Grove; a browser counts that redirect as part of the form. */}
        <meta httpEquiv="Content-Security-Policy" content={`form-action 'self' ${issuerOrigin}`} />
      </head>
      <body>
        <a className="skip" href="#content">
          {shop.skip}
        </a>
        <header className="root-line">
          <Link className="brand" href="/">
            {shop.name}
          </Link>
          <nav className="nav" aria-label={shop.nav.label}>
            <Link href="/#table">{shop.nav.table}</Link>
            <Link href="/orders">{shop.nav.orders}</Link>
            <a href={birch.url}>
              {shop.nav.birch} <ArrowUpRight size={15} aria-hidden="true" />
            </a>
          </nav>
          <span className="root-line__line" aria-hidden="true" />
          {session ? (
            <AccountChip name={session.user.name ?? session.user.email ?? session.user.id} />
          ) : (
            <SignIn />
          )}
        </header>
        <main id="content" tabIndex={-1}>
          {children}
        </main>
        <footer className="footer">
          <p>{shop.footer}</p>
          <p>{shop.footerDemo}</p>
        </footer>
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
        <small>{shop.signedInWith}</small>
      </span>
    </Link>
  )
}

// A plain link, never <Link>: that one is fetched ahead, and a login must start only when somebody asks for it.
function SignIn() {
  return (
    <a id="sign-in" className="button" href="/sso/login?returnTo=/">
      {shop.signIn}
    </a>
  )
}
