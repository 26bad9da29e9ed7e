import './session.css'
import type { Session } from '@grove/site'
import type { Metadata } from 'next'
import { cookies } from 'next/headers'
import type { ReactNode } from 'react'
import { count, time } from '../../format.ts'
import { messages } from '../../messages.ts'
import { sso } from '../../sso.ts'
import { LiveTime } from '../live-time.tsx'

const { session: words } = messages()
export const metadata: Metadata = { title: words.title }

const COOKIE = '__Host-session'
const TIMES = ['auth_time', 'iat', 'exp']

export default async function SessionPage() {
  const session = await sso.requireSession({ returnTo: '/session' })
  const cookieLength = `${COOKIE}=${(await cookies()).get(COOKIE)?.value}`.length
  const now = new Date()
  return (
    <div className="page session">
      <h1>{words.title}</h1>
      <p className="lead">{words.lead}</p>
      <dl className="facts">
        <Fact name={words.signedIn} detail={session.signedInVia && words.via(session.signedInVia)}>
          <LiveTime at={session.signedInAt} now={now} as="ago" />
        </Fact>
        <Fact name={words.began} detail={words.brought}>
          <LiveTime at={session.startedAt} now={now} as="ago" />
        </Fact>
        <Fact name={words.token} detail={time(session.expiresAt)}>
          <LiveTime at={session.expiresAt} now={now} as="ends" />
        </Fact>
      </dl>
      <Token token={session.token} />
      <Claims claims={session.token.claims} now={now} />
      <section>
        <h2>{words.cookieHeading}</h2>
        <dl className="cookie">
          {words.cookie(COOKIE, count(cookieLength)).map(([name, text]) => (
            <Fact key={name} name={name}>
              {text}
            </Fact>
          ))}
        </dl>
      </section>
      <section>
        <h2>{words.outHeading}</h2>
        <div className="out">
          <SignOut scope="site" />
          <SignOut scope="everywhere" />
        </div>
      </section>
    </div>
  )
}

function Fact({ name, detail, children }: { name: string; detail?: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {children}
        {detail && <span className="muted">{detail}</span>}
      </dd>
    </div>
  )
}

/** What anybody can read in the token. The signature never leaves the server: with it, this text would be the person. */
function Token({ token }: { token: Session['token'] }) {
  const parts = { header: token.header, payload: token.claims }
  return (
    <section>
      <h2>{words.tokenHeading}</h2>
      <p>{words.readable}</p>
      <div className="token">
        {(['header', 'payload'] as const).map((part) => (
          <div key={part} className={`token__part token__part--${part}`}>
            <h3>{words.parts[part]}</h3>
            <pre>{JSON.stringify(parts[part], null, 2)}</pre>
          </div>
        ))}
        <div className="token__part token__part--signature">
          <h3>{words.parts.signature}</h3>
          <p>{words.signatureLeftOut}</p>
        </div>
      </div>
    </section>
  )
}

function Claims({ claims, now }: { claims: Session['token']['claims']; now: Date }) {
  return (
    <section>
      <h2 id="claims-heading">{words.claimsHeading}</h2>
      <table id="claims" aria-labelledby="claims-heading">
        <thead>
          <tr>
            <th scope="col">{words.claim}</th>
            <th scope="col">{words.value}</th>
          </tr>
        </thead>
        <tbody>
          {Object.entries(claims).map(([name, value]) => (
            <tr key={name}>
              <th scope="row">
                <code>{name}</code> <span>{words.claims[name]}</span>
              </th>
              <td>
                {TIMES.includes(name) && (
                  <LiveTime
                    at={new Date(Number(value) * 1000)}
                    now={now}
                    as={name === 'exp' ? 'ends' : 'ago'}
                  />
                )}
                <code>{claimText(value)}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function claimText(value: unknown): string {
  if (Array.isArray(value)) return value.join('\n')
  return typeof value === 'object' ? JSON.stringify(value, null, 1) : String(value)
}

function SignOut({ scope }: { scope: 'site' | 'everywhere' }) {
  const { heading, what, button } = words.out[scope]
  return (
    <form method="post" action="/sso/logout">
      <h3>{heading}</h3>
      <p>{what}</p>
      <button id={`sign-out-${scope}`} className="button" type="submit" name="scope" value={scope}>
        {button}
      </button>
    </form>
  )
}
