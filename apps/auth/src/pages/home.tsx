import { type NamedClient, SiteLinks } from './account.tsx'
import { renderDocument } from './document.tsx'
import { messages } from './messages.ts'

export interface HomePageProps {
  sites: readonly NamedClient[]
}

/** The front door for somebody who is not signed in: where one can be. Whoever is has the account page instead. */
export function homePage({ sites }: HomePageProps): string {
  const text = messages().home
  return renderDocument({
    title: text.title,
    accountName: null,
    rooted: false,
    children: (
      <section class="card" aria-labelledby="heading">
        <h1 id="heading">{text.heading}</h1>
        <p class="destination">{text.nobody}</p>
        <SiteLinks sites={sites} />
      </section>
    ),
  })
}
