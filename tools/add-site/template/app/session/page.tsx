import type { Metadata } from 'next'
import { messages } from '../../messages.ts'
import { sso } from '../../sso.ts'

const t = messages().session
const clock = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'long', timeZone: 'UTC' })

export const metadata: Metadata = { title: t.title }

export default async function SessionPage() {
  const { user, signedInVia, token } = await sso.requireSession({ returnTo: '/session' })
  const facts = [
    [t.name, user.name],
    [t.email, user.email],
    [t.id, user.id],
    [t.via, signedInVia],
  ] as const
  return (
    <div className="page plain">
      <h1>{t.title}</h1>
      <p className="lead">{t.lead}</p>
      <dl className="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value ?? t.nothing}</dd>
          </div>
        ))}
      </dl>
      <Claims claims={token.claims} />
      <h2>{t.out}</h2>
      <div className="out">
        <SignOut scope="site" label={t.outSite} text={t.outSiteText} />
        <SignOut scope="everywhere" label={t.outEverywhere} text={t.outEverywhereText} />
      </div>
    </div>
  )
}

function Claims({ claims }: { claims: Record<string, unknown> }) {
  return (
    <>
      <h2 id="claims-title">{t.claims}</h2>
      <table id="claims" aria-labelledby="claims-title">
        <thead>
          <tr>
            <th scope="col">{t.claim}</th>
            <th scope="col">{t.value}</th>
          </tr>
        </thead>
        <tbody>
          {Object.entries(claims).map(([name, value]) => (
            <tr key={name}>
              <th scope="row">
                <code>{name}</code> <span>{t.meaning[name]}</span>
              </th>
              <td>
                <code>{textOf(name, value)}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  )
}

function textOf(name: string, value: unknown): string {
  if (['iat', 'exp', 'auth_time'].includes(name)) return clock.format(new Date(Number(value) * 1000))
  if (Array.isArray(value)) return value.join('\n')
  return typeof value === 'object' ? JSON.stringify(value, null, 1) : String(value)
}

/** A form, never a link: a logout must not start because somebody's browser looked ahead. */
function SignOut({ scope, label, text }: { scope: 'site' | 'everywhere'; label: string; text: string }) {
  return (
    <form method="post" action="/sso/logout">
      <p>{text}</p>
      <button id={`sign-out-${scope}`} className="button" type="submit" name="scope" value={scope}>
        {label}
      </button>
    </form>
  )
}
