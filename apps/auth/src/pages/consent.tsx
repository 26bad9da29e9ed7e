import { renderDocument } from './document.tsx'
import { FormProblem } from './field.tsx'
import { DoneIcon } from './icons.tsx'
import { messages } from './messages.ts'
import { SiteAddress, webAddress } from './site-address.tsx'
import { relativeTime } from './times.ts'

export interface ConsentPageProps {
  action: string
  formToken: string
  accountName: string
  client: { name: string; uri?: string; policyUri?: string; termsUri?: string }
  /** Names of scopes, as they were asked for. */
  scopes: readonly string[]
  /** Sites whose data it may then use. */
  resources: readonly string[]
  endsAt: Date
  isStale: boolean
  now: Date
}

/** Asks whether a client that is not one of our own may know this person (ASVS 10.7.2). */
export function consentPage(props: ConsentPageProps): string {
  return renderDocument({
    title: messages().consent.title(props.client.name),
    accountName: props.accountName,
    rooted: true,
    children: <Consent {...props} />,
  })
}

function Consent({ client, ...props }: ConsentPageProps) {
  const text = messages().consent
  return (
    <section class="card" aria-labelledby="heading">
      <h1 id="heading">{text.heading(client.name)}</h1>
      <SiteAddress uri={client.uri} />
      <p class="destination">{text.wants(client.name)}</p>
      <ul class="rows" id="scopes">
        {props.scopes.map((scope) => (
          <li class="row granted" key={scope}>
            <DoneIcon />
            <span class="row__text">{scopeInWords(scope)}</span>
          </li>
        ))}
      </ul>
      <dl class="facts">
        {props.resources.length > 0 && (
          <>
            <dt>{text.where}</dt>
            <dd>
              {props.resources.map((uri) => (
                <SiteAddress key={uri} uri={uri} />
              ))}
            </dd>
          </>
        )}
        <dt>{text.howLong}</dt>
        <dd>
          {text.ends}{' '}
          <time datetime={props.endsAt.toISOString()}>{relativeTime(props.endsAt, props.now)}</time>
          {text.remembered(client.name)} <a href="/account#applications">{text.account}</a>.
        </dd>
      </dl>
      <form id="consent-form" method="post" action={props.action}>
        <input type="hidden" name="form_token" value={props.formToken} />
        {props.isStale && <FormProblem text={text.stale} />}
        <button class="button" id="allow" type="submit" name="intent" value="allow">
          {text.allow}
        </button>
        <button class="button button--quiet" id="deny" type="submit" name="intent" value="deny">
          {text.deny}
        </button>
      </form>
      <Documents {...client} />
    </section>
  )
}

export function scopeInWords(scope: string): string {
  const { scopes, unknownScope } = messages().consent
  return Object.entries(scopes).find(([name]) => name === scope)?.[1] ?? unknownScope(scope)
}

/** What the client says about itself (OpenID Connect Registration §2). Its logo is not shown: our pages take nothing from elsewhere. */
function Documents({ name, policyUri, termsUri }: ConsentPageProps['client']) {
  const text = messages().consent
  const links = [
    { id: 'policy', url: webAddress(policyUri), label: text.policy(name) },
    { id: 'terms', url: webAddress(termsUri), label: text.terms(name) },
  ].flatMap(({ url, ...link }) => (url ? [{ ...link, href: url.href }] : []))
  if (links.length === 0) return null
  return (
    <p class="aside">
      {links.map(({ id, href, label }) => (
        <a key={id} class="document" id={id} href={href} rel="noreferrer">
          {label}
        </a>
      ))}
    </p>
  )
}
