import type { Kit } from './kit.ts'

/**
 * Whether a page of this site sent the request (RFC 10017 §6.1.3.3). Both headers are set by the browser and out of reach of
 * scripts. `Origin: null` is what a page without a referrer sends, so then the other one decides; with neither, the answer is no.
 */
export function isSameOrigin({ options }: Kit, request: Request): boolean {
  const origin = request.headers.get('origin')
  const site = request.headers.get('sec-fetch-site')
  const originFits = origin === options.siteUrl || origin === null || origin === 'null'
  return originFits && (site === null ? origin === options.siteUrl : site === 'same-origin')
}
