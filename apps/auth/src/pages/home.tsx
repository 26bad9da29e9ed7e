import { renderDocument } from './document.tsx'
import { ArrowIcon } from './icons.tsx'
import { messages } from './messages.ts'
import { SiteAddress, webAddress } from './site-address.tsx'
import { relativeTime } from './times.ts'

export interface HomePageProps {
  account?: {
    name: string
    email: string
    signedInAt: Date
    /** The site where the password was typed. */
    signedInVia: string
    endsAt: Date
  }
  sites: readonly { name: string; uri: string }[]
  /** Address that asks whether to sign out; following it changes nothing yet. */
  logoutAction: string
  now: Date
}

/** The root itself: who this browser is signed in as, since when, and where that counts. */
export function homePage(props: HomePageProps): string {
  const { account } = props
  const text = messages().home
  return renderDocument({
    title: account ? text.title : text.nobodyTitle,
    accountName: account?.name ?? null,
    rooted: account !== undefined,
    children: account ? <SignedIn {...props} account={account} /> : <Nobody sites={props.sites} />,
  })
}

function SignedIn({
  account,
  sites,
  logoutAction,
  now,
}: HomePageProps & { account: NonNullable<HomePageProps['account']> }) {
  const text = messages().home
  return (
    <section class="card" aria-labelledby="heading">
      <h1 id="heading">{text.heading}</h1>
      <p class="destination">{account.name}</p>
      <span class="address">{account.email}</span>
      <dl class="facts">
        <dt>{text.signedIn}</dt>
        <dd>
          <time datetime={account.signedInAt.toISOString()}>
            {text.signedInAt(relativeTime(account.signedInAt, now), account.signedInVia)}
          </time>
        </dd>
        <dt>{text.ends}</dt>
        <dd>
          <time datetime={account.endsAt.toISOString()}>{relativeTime(account.endsAt, now)}</time>
        </dd>
      </dl>
      {sites.length > 0 && (
        <>
          <h2>{text.sites}</h2>
          <SiteLinks sites={sites} />
        </>
      )}
      <a class="button button--quiet" id="sign-out" href={logoutAction}>
        {text.signOut}
      </a>
    </section>
  )
}

function Nobody({ sites }: Pick<HomePageProps, 'sites'>) {
  const text = messages().home
  return (
    <section class="card" aria-labelledby="heading">
      <h1 id="heading">{text.nobodyHeading}</h1>
      <p class="destination">{text.nobody}</p>
      <SiteLinks sites={sites} />
    </section>
  )
}

function SiteLinks({ sites }: Pick<HomePageProps, 'sites'>) {
  return (
    <ul class="rows">
      {sites.map(({ name, uri }) => (
        <li key={uri}>
          <a class="row row--link" href={webAddress(uri)?.href}>
            <span class="row__text">
              <strong>{name}</strong>
              <SiteAddress uri={uri} />
            </span>
            <ArrowIcon />
          </a>
        </li>
      ))}
    </ul>
  )
}
