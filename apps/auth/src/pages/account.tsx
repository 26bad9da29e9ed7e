import { ConnectedApplications, Devices, RecentEvents } from './account.sections.tsx'
import { renderDocument } from './document.tsx'
import { Field, FormProblem, type Problem, ProblemOfForm } from './field.tsx'
import { ArrowIcon, DoneIcon } from './icons.tsx'
import { type Messages, messages } from './messages.ts'
import { SiteAddress, webAddress } from './site-address.tsx'
import { tooManyTries } from './times.ts'

export interface NamedClient {
  id: string
  name: string
  uri?: string
}

export interface AccountPageProps {
  account: { name: string; email: string }
  /** This browser first. */
  devices: readonly {
    sessionId: string
    name: string | null
    isThisOne: boolean
    signedInAt: Date
    signedInVia: string
    endsAt: Date
    sites: readonly NamedClient[]
  }[]
  applications: readonly { client: NamedClient; scopes: readonly string[]; at: Date }[]
  /** Newest first. */
  events: readonly { type: string; at: Date; clientName: string }[]
  /** Where this login counts. */
  sites: readonly NamedClient[]
  /** Of every form on the page: the first that is sent spends it. */
  formToken: string
  /** The type of the event that a form of this page caused a moment ago. */
  done?: string
  error?: AccountProblem
  retryAfterSeconds?: number
  now: Date
}

/** `stale_form` is about the page, the others about the form for a new password. */
export type AccountProblem = 'stale_form' | 'too_many' | keyof Messages['password']['errors']

/** What the provider knows about a person, and everything they may end. */
export function accountPage(props: AccountPageProps): string {
  return renderDocument({
    title: messages().account.title,
    accountName: props.account.name,
    rooted: true,
    children: (
      <>
        <Myself {...props} />
        <div class="sheets">
          <Devices {...props} />
          <ConnectedApplications {...props} />
          <NewPassword {...props} />
          <RecentEvents {...props} />
        </div>
      </>
    ),
  })
}

function Myself({ account, sites, done, error }: AccountPageProps) {
  const text = messages().account
  const isDone = done !== undefined && Object.hasOwn(text.done, done)
  return (
    <section class="card" aria-labelledby="heading">
      <h1 id="heading">{account.name}</h1>
      <span class="address">{account.email}</span>
      {isDone && (
        <p class="notice" id="done" role="status">
          <DoneIcon />
          <span>{text.done[done as keyof typeof text.done] /* asked above */}</span>
        </p>
      )}
      {error === 'stale_form' && <FormProblem text={text.stale} />}
      {sites.length > 0 && (
        <>
          <h2>{text.sites}</h2>
          <SiteLinks sites={sites} />
        </>
      )}
      <a class="button button--quiet" id="sign-out" href="/logout">
        {text.signOut}
      </a>
    </section>
  )
}

export function SiteLinks({ sites }: Pick<AccountPageProps, 'sites'>) {
  return (
    <ul class="rows">
      {sites.map(({ id, name, uri }) => (
        <li key={id}>
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

function NewPassword({ account, formToken, error, retryAfterSeconds }: AccountPageProps) {
  const text = messages().password
  const problem = error && error !== 'stale_form' ? problemOf(error, retryAfterSeconds) : undefined
  return (
    <section class="sheet" id="password" aria-labelledby="password-heading">
      <h2 id="password-heading">{text.heading}</h2>
      <p>{text.consequence}</p>
      <form id="password-form" method="post" action="/account/password">
        <input type="hidden" name="form_token" value={formToken} />
        <ProblemOfForm problem={problem} />
        {/* For password managers, which keep a password by its email. */}
        <input type="email" autocomplete="username" value={account.email} hidden />
        <Field
          name="present_password"
          label={text.present}
          type="password"
          autocomplete="current-password"
          problem={problem}
          autofocus={problem?.place === 'present_password'}
        />
        <Field
          name="new_password"
          label={text.wanted}
          type="password"
          autocomplete="new-password"
          problem={problem}
          hint={text.hint}
          autofocus={problem?.place === 'new_password'}
        />
        <button class="button" id="change-password" type="submit">
          {text.submit}
        </button>
      </form>
    </section>
  )
}

function problemOf(error: Exclude<AccountProblem, 'stale_form'>, retryAfterSeconds?: number): Problem {
  const { password } = messages()
  switch (error) {
    case 'too_many':
      return { place: 'form', text: tooManyTries(retryAfterSeconds) }
    case 'missing':
    case 'changed_meanwhile':
      return { place: 'form', text: password.errors[error] }
    case 'wrong_password':
      return { place: 'present_password', text: password.errors[error] }
    default:
      return { place: 'new_password', text: password.errors[error] }
  }
}
