import { renderDocument } from './document.tsx'
import { DoneIcon, NothingIcon, PendingIcon } from './icons.tsx'
import { messages } from './messages.ts'
import { SiteAddress, WayBack } from './site-address.tsx'

export interface LoggedOutPageProps {
  /** The sites of the login that ended, and whether each has heard of it. */
  sites: readonly { name: string; uri?: string; told: 'confirmed' | 'pending' | 'not_needed' }[]
  back?: { name: string; uri: string }
}

const TOLD_ICON = { confirmed: DoneIcon, pending: PendingIcon, not_needed: NothingIcon }

/** Says that the login is over, and site by site how far the news has come. */
export function loggedOutPage(props: LoggedOutPageProps): string {
  return renderDocument({
    title: messages().loggedOut.title,
    accountName: null,
    rooted: false,
    children: <LoggedOut {...props} />,
  })
}

function LoggedOut({ sites, back }: LoggedOutPageProps) {
  const text = messages().loggedOut
  return (
    <section class="card" aria-labelledby="heading">
      <h1 id="heading">{text.heading}</h1>
      <p class="destination">{text.done}</p>
      {sites.length > 0 && (
        <ul class="rows" id="sites-told" aria-label={text.sites}>
          {sites.map((site) => (
            <ToldSite key={site.name} {...site} />
          ))}
        </ul>
      )}
      {back && <WayBack uri={back.uri} label={text.back(back.name)} />}
    </section>
  )
}

function ToldSite({ name, uri, told }: LoggedOutPageProps['sites'][number]) {
  const ToldIcon = TOLD_ICON[told]
  return (
    <li class={`row told told--${told}`}>
      <ToldIcon />
      <span class="row__text">
        <strong>{name}</strong> {messages().loggedOut.told[told]}
        <SiteAddress uri={uri} />
      </span>
    </li>
  )
}
