import type { ComponentChildren } from 'preact'
import { renderToString } from 'preact-render-to-string'
import { versioned } from './assets.ts'
import { messages } from './messages.ts'
import { Scene } from './scene.tsx'

const STYLESHEET = versioned('/assets/grove.css')
const ICON = versioned('/assets/grove.svg')
// Every page starts with these two faces: asked for before the stylesheet has been read.
const FIRST_FACES = ['fraunces-latin-opsz-normal', 'figtree-latin-wght-normal'].map((name) =>
  versioned(`/assets/fonts/${name}.woff2`),
)

interface DocumentProps {
  title: string
  /** Whom this browser is signed in as. `null`: nobody. Absent: the page does not say. */
  accountName?: string | null
  /** Does the root reach the card? It does while there is, or is about to be, a login. */
  rooted: boolean
  children: ComponentChildren
}

/** The frame of every page as a complete HTML document: root line, trees, and one card where their roots meet. */
export function renderDocument(props: DocumentProps): string {
  return `<!doctype html>${renderToString(<Document {...props} />)}`
}

function Document({ title, accountName, rooted, children }: DocumentProps) {
  const text = messages()
  return (
    <html lang={text.language}>
      {/* biome-ignore lint/style/noHeadElement: this is not a Next.js page */}
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <title>{text.title(title)}</title>
        <link rel="icon" type="image/svg+xml" href={ICON} />
        {FIRST_FACES.map((href) => (
          <link key={href} rel="preload" as="font" type="font/woff2" href={href} crossorigin="anonymous" />
        ))}
        <link rel="stylesheet" href={STYLESHEET} />
      </head>
      <body>
        <a class="skip" href="#page">
          {text.skip}
        </a>
        <header class="root-line">
          <a class="brand" href="/" aria-label={text.brandHome}>
            {text.brand}
          </a>
          <span class="root-line__line" aria-hidden="true" />
          {accountName === null && <span class="nobody">{text.notSignedIn}</span>}
          {accountName && <AccountChip name={accountName} />}
        </header>
        <main id="page">
          <Scene rooted={rooted} />
          {children}
        </main>
      </body>
    </html>
  )
}

function AccountChip({ name }: { name: string }) {
  return (
    <a class="account-chip" href="/account">
      <span class="account-chip__avatar" aria-hidden="true">
        {[...name.trim()][0]?.toUpperCase()}
      </span>
      <span class="account-chip__name">
        {name}
        <small>{messages().signedInWith}</small>
      </span>
    </a>
  )
}
