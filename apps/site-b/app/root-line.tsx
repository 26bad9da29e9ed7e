'use client'
import Link, { useLinkStatus } from 'next/link'
import { usePathname } from 'next/navigation'
import type { ReactNode } from 'react'
import { messages } from '../messages.ts'

export function NavLink({ href, children }: { href: string; children: ReactNode }) {
  const path = usePathname()
  const isHere = href === '/' ? path === '/' : path.startsWith(href)
  return (
    <Link href={href} aria-current={isHere ? 'page' : undefined}>
      {children}
      <Underway />
    </Link>
  )
}

function Underway() {
  const { pending } = useLinkStatus()
  return <span className="underway" data-pending={pending} aria-hidden="true" />
}

/** A plain link, never a <Link>: prefetching it would start a sign-in (pain 9). It comes back to this page. */
export function SignIn({
  id,
  className,
  children,
}: {
  id?: string
  className: string
  children?: ReactNode
}) {
  return (
    <a id={id} className={className} href={`/sso/login?returnTo=${encodeURIComponent(usePathname())}`}>
      {children ?? messages().signIn}
    </a>
  )
}
