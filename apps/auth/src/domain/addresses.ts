import { BlockList, isIP } from 'node:net'

/** Whose word about an address counts: single addresses and networks, such as `10.0.0.0/8`. */
export function trustedProxies(entries: readonly string[]): BlockList {
  const trusted = new BlockList()
  for (const entry of entries) {
    const [address = '', bits] = entry.split('/')
    const family = familyOf(address)
    if (bits === undefined) trusted.addAddress(address, family)
    else trusted.addSubnet(address, Number(bits), family)
  }
  return trusted
}

/**
 * The address a request came from: the socket's, or what trusted proxies say of it in `X-Forwarded-For`, read from its end. What
 * stands there before the first address that is not a trusted proxy's may be forged, and counts for nothing (RFC 9700 §4.13).
 */
export function clientAddress(socket: string, forwardedFor: string | undefined, trusted: BlockList): string {
  const hops = forwardedFor?.split(',').map((hop) => hop.trim()) ?? []
  let address = plain(socket)
  while (hops.length > 0 && isIP(address) && trusted.check(address, familyOf(address))) {
    const before = plain(hops.pop() ?? '')
    if (!isIP(before)) break
    address = before
  }
  return address
}

/** What one party is counted by: an IPv4 address, or the /64 of an IPv6 address, of which a customer gets at least one whole. */
export function networkOf(address: string): string {
  if (isIP(address) !== 6) return address
  const canonical = new URL(`http://[${address.split('%')[0]}]`).hostname.slice(1, -1)
  const [head = '', tail = ''] = canonical.split('::')
  const [before, after] = [head, tail].map((part) => part.split(':').filter(Boolean)) as [string[], string[]] // of two, two
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0')
  return `${[...before, ...zeros, ...after].slice(0, 4).join(':')}::/64`
}

// A socket that listens for both families writes IPv4 addresses so.
const plain = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '')
const familyOf = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4')
