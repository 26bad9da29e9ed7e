import type { Metadata } from 'next'
import { messages } from '../../messages.ts'
import { sso } from '../../sso.ts'
import { nameOf } from '../name-of.ts'

const t = messages().inside

export const metadata: Metadata = { title: t.title }

export default async function Inside() {
  const { user } = await sso.requireSession({ returnTo: '/inside' })
  return (
    <div className="page plain">
      <h1>{t.title}</h1>
      <p className="lead">{t.lead(nameOf(user))}</p>
      <p>{t.text}</p>
    </div>
  )
}
