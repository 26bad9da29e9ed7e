import { renderDocument } from './document.tsx'
import { messages } from './messages.ts'

export interface LogoutConfirmPageProps {
  action: string
  formToken: string
  accountName: string
  /** The site that asks for the logout, when one does. */
  clientName?: string
  /** What the request said, to be said again when the answer is given: hidden fields by name. */
  carry: Readonly<Record<string, string>>
}

/** Asks before a logout that nobody has proved to be wanted (OpenID RP-Initiated Logout 1.0 §2). */
export function logoutConfirmPage(props: LogoutConfirmPageProps): string {
  return renderDocument({
    title: messages().logoutConfirm.title,
    accountName: props.accountName,
    rooted: true,
    children: <LogoutConfirm {...props} />,
  })
}

function LogoutConfirm({ action, formToken, accountName, clientName, carry }: LogoutConfirmPageProps) {
  const text = messages().logoutConfirm
  return (
    <section class="card" aria-labelledby="heading">
      <h1 id="heading">{text.heading}</h1>
      <p class="destination">{clientName ? text.asked(clientName) : text.account(accountName)}</p>
      <p>{text.consequence}</p>
      <form id="logout-form" method="post" action={action}>
        {Object.entries(carry).map(([name, value]) => (
          <input key={name} type="hidden" name={name} value={value} />
        ))}
        <input type="hidden" name="form_token" value={formToken} />
        <button class="button" id="confirm-logout" type="submit" name="intent" value="confirm">
          {text.confirm}
        </button>
        <button class="button button--quiet" id="stay" type="submit" name="intent" value="stay">
          {text.stay}
        </button>
      </form>
    </section>
  )
}
