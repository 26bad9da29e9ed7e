import { ArrowIcon } from './icons.tsx'

/**
 * A registered address as a link may carry it, or `undefined` when it is not a web address.
 * Escaping does not help against `javascript:`, so the scheme is checked where the link is drawn.
 */
export function webAddress(uri: string | undefined): URL | undefined {
  if (uri === undefined || !URL.canParse(uri)) return undefined
  const url = new URL(uri)
  return url.protocol === 'https:' || url.protocol === 'http:' ? url : undefined
}

/** The host of a site, to compare with the address bar one came from. */
export function SiteAddress({ uri }: { uri?: string }) {
  const url = webAddress(uri)
  return url ? <span class="address">{url.host}</span> : null
}

/** One way out of a page: to a site, when its address is one a link may carry. */
export function WayBack({ uri, label }: { uri: string; label: string }) {
  const url = webAddress(uri)
  return url ? (
    <a class="button" id="back" href={url.href}>
      {label}
      <ArrowIcon />
    </a>
  ) : null
}
