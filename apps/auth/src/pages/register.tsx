import { renderDocument } from './document.tsx'
import { Field, type Problem, ProblemOfForm } from './field.tsx'
import { messages } from './messages.ts'
import { SiteAddress } from './site-address.tsx'
import { tooManyTries } from './times.ts'

export interface RegisterPageProps {
  /** `/register` with the query of the request that wants somebody to log in. */
  action: string
  /** The login page of the same request. */
  loginAction: string
  formToken: string
  clientName: string
  clientUri?: string
  name?: string
  email?: string
  error?: keyof typeof PLACES
  retryAfterSeconds?: number
}

const PLACES = {
  email: 'email',
  name: 'name',
  missing: 'form',
  stale_form: 'form',
  too_many: 'form',
  too_short: 'password',
  too_long: 'password',
  forbidden_character: 'password',
  common: 'password',
} as const

/** A new account, on the way to the site that asked for a login. */
export function registerPage(props: RegisterPageProps): string {
  return renderDocument({
    title: messages().register.title,
    accountName: null,
    rooted: true,
    children: <Register {...props} />,
  })
}

function Register({ action, loginAction, formToken, clientName, clientUri, ...props }: RegisterPageProps) {
  const text = messages().register
  const problem = problemOf(props)
  return (
    <section class="card" aria-labelledby="heading">
      <h1 id="heading">{text.heading}</h1>
      <p class="destination">{messages().login.destination(clientName)}</p>
      <SiteAddress uri={clientUri} />
      <form id="register-form" method="post" action={action}>
        <input type="hidden" name="form_token" value={formToken} />
        <ProblemOfForm problem={problem} />
        <Field
          name="name"
          label={text.name}
          type="text"
          autocomplete="name"
          problem={problem}
          value={props.name}
          isOptional
        />
        <Field
          name="email"
          label={messages().login.email}
          type="email"
          autocomplete="username"
          problem={problem}
          value={props.email}
        />
        <Field
          name="password"
          label={messages().login.password}
          type="password"
          autocomplete="new-password"
          problem={problem}
          hint={messages().password.hint}
        />
        <button class="button" id="create-account" type="submit">
          {text.submit}
        </button>
        <a class="button button--quiet" id="have-account" href={loginAction}>
          {text.back}
        </a>
      </form>
    </section>
  )
}

function problemOf({ error, retryAfterSeconds }: Partial<RegisterPageProps>): Problem | undefined {
  if (!error) return undefined
  const { register, password } = messages()
  const texts = {
    ...password.errors,
    ...register.errors,
    too_many: tooManyTries(retryAfterSeconds),
  }
  return { place: PLACES[error], text: texts[error] }
}
