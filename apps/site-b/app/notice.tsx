import { DoorOpen, Search } from 'lucide-react'
import { messages } from '../messages.ts'

const t = messages().notices
const signedOut: Record<string, string | undefined> = {
  site: t.site,
  everywhere: t.everywhere,
  elsewhere: t.elsewhere,
}

/** What the address says about how one got here; nothing for an address that says nothing known. */
export function Notice({ query }: { query: Record<string, string | string[] | undefined> }) {
  const left = Object.hasOwn(signedOut, String(query['signed-out'])) && signedOut[String(query['signed-out'])]
  const text = left || (query.sso === 'none' && t.none)
  if (!text) return null
  const Icon = left ? DoorOpen : Search
  return (
    <p className="notice" id="notice" role="status">
      <Icon aria-hidden="true" />
      {text}
    </p>
  )
}
