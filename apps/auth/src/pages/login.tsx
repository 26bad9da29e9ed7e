import { renderDocument } from './document.tsx'
import { Field, type Problem, ProblemOfForm } from './field.tsx'
import { ArrowIcon, DoneIcon } from './icons.tsx'
import { messages } from './messages.ts'
import { SiteAddress } from './site-address.tsx'
import { tooManyTries } from './times.ts'

export interface LoginPageProps {
  /** Where the form goes: `/login` with the query of the request that needs the login. */
  action: string
  formToken: string
  clientName: string
  clientUri?: string
  email?: string
  /** A fresh login was asked for although there is one. */
  reauth: boolean
  error?: 'credentials' | 'missing' | 'stale_form' | 'too_many'
  retryAfterSeconds?: number
  /** They have just registered. */
  isNew?: boolean
  /** Where an account can be made, if it can. */
  registerAction?: string
  /** Shown below the card. Only the development seed has any. */
  demo?: readonly { email: string; password: string }[]
}

/** The sign-in form: one card that says where you come from and where you go back to. */
export function loginPage(props: LoginPageProps): string {
  const text = messages().login
  const title = props.reauth ? text.reauthTitle(props.clientName) : text.title(props.clientName)
  return renderDocument({
    title,
    accountName: props.reauth ? undefined : null,
    rooted: true,
    children: <Login {...props} />,
  })
}

function Login(props: LoginPageProps) {
  const text = messages().login
  const { clientName, reauth } = props
  return (
    <>
      <section class="card" aria-labelledby="heading">
        <h1 id="heading">{reauth ? text.reauthHeading : text.heading}</h1>
        <p class="destination">
          {reauth ? text.reauthDestination(clientName) : text.destination(clientName)}
        </p>
        <SiteAddress uri={props.clientUri} />
        {props.isNew && (
          <p class="notice" role="status">
            <DoneIcon />
            <span>{text.isNew}</span>
          </p>
        )}
        <LoginForm {...props} />
        <p class="aside">{text.promise(clientName)}</p>
        {props.registerAction && (
          <a class="side-door" id="register" href={props.registerAction}>
            {text.register}
            <ArrowIcon />
          </a>
        )}
      </section>
      {props.demo && props.demo.length > 0 && <DemoAccounts accounts={props.demo} />}
    </>
  )
}

function LoginForm({ action, formToken, clientName, email, error, retryAfterSeconds }: LoginPageProps) {
  const text = messages().login
  const problem = error && describeProblem(error, email, retryAfterSeconds)
  return (
    <form id="login-form" method="post" action={action}>
      <input type="hidden" name="form_token" value={formToken} />
      <ProblemOfForm problem={problem} />
      <Field
        name="email"
        label={text.email}
        type="email"
        autocomplete="username"
        problem={problem}
        value={email}
        autofocus={!email}
      />
      <Field
        name="password"
        label={text.password}
        type="password"
        autocomplete="current-password"
        problem={problem}
        autofocus={Boolean(email)}
      />
      <button class="button" id="sign-in" type="submit" name="intent" value="sign-in">
        {text.submit}
      </button>
      <button
        class="button button--quiet"
        id="cancel"
        type="submit"
        name="intent"
        value="cancel"
        formnovalidate
      >
        {text.cancel(clientName)}
      </button>
    </form>
  )
}

function describeProblem(
  error: NonNullable<LoginPageProps['error']>,
  email: string | undefined,
  retryAfterSeconds: number | undefined,
): Problem {
  const text = messages().login.errors
  switch (error) {
    case 'credentials':
      return { place: 'form', text: text.credentials, doubtful: ['email', 'password'] }
    case 'missing':
      return email
        ? { place: 'password', text: text.passwordMissing }
        : { place: 'email', text: text.emailMissing }
    case 'stale_form':
      return { place: 'form', text: text.staleForm }
    case 'too_many':
      return { place: 'form', text: tooManyTries(retryAfterSeconds) }
  }
}

function DemoAccounts({ accounts }: { accounts: NonNullable<LoginPageProps['demo']> }) {
  const text = messages().login
  return (
    <aside class="demo" aria-labelledby="demo-heading">
      <h2 id="demo-heading">{text.demo}</h2>
      <dl>
        {accounts.map(({ email, password }) => (
          <div key={email}>
            <dt>{email}</dt>
            <dd>{password}</dd>
          </div>
        ))}
      </dl>
      <p>{text.demoNote}</p>
    </aside>
  )
}
