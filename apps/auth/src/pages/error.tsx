import { renderDocument } from './document.tsx'
import { messages } from './messages.ts'
import { WayBack } from './site-address.tsx'

export interface ErrorPageProps {
  /** The wire code, shown as it is: `invalid_redirect_uri`. */
  code: string
  title?: string
  /** A sentence: what is wrong. */
  description: string
  status: number
  /** A registered site to return to. Never an address that the request brought along. */
  back?: { name: string; uri: string }
}

/** An error that must not be sent to a site by redirect: what happened, what to do, and the code (D-2). */
export function errorPage(props: ErrorPageProps): string {
  const title = props.title ?? defaultTitle(props.status)
  return renderDocument({ title, rooted: false, children: <ErrorCard {...props} title={title} /> })
}

function defaultTitle(status: number): string {
  const text = messages().error
  return status >= 500 ? text.failed : text.refused
}

function ErrorCard({ code, title, description, status, back }: ErrorPageProps) {
  const text = messages().error
  return (
    <section class="card" aria-labelledby="heading">
      <h1 id="heading">{title}</h1>
      <p class="destination">{description}</p>
      <p>{status >= 500 ? text.whatToDoFailed : text.whatToDoRefused}</p>
      <p class="code">
        <code id="error-code">{code}</code> <span class="code__status">{status}</span>
      </p>
      {back && <WayBack uri={back.uri} label={text.back(back.name)} />}
    </section>
  )
}
