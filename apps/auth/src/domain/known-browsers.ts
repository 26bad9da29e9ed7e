import { normalizeEmail } from './accounts.ts'
import { createMacRing, randomId } from './secrets.ts'

// More people than share one browser, and small enough for a cookie.
const MOST_PEOPLE = 5
const SHAPE = /^[\w-]{22}(\.[\w-]{43}){1,5}$/

/**
 * Remembers in a browser which accounts have logged in there: `id.mac.mac…`, one mac for each. It names nobody, proves nothing but
 * that, and is worth nothing for another account.
 */
export interface KnownBrowsers {
  /** The cookie for a browser in which this email has just logged in; the one it has goes in. */
  remember(cookie: string | undefined, email: string): string
  /** The browser's id, if this email has logged in there. */
  idFor(cookie: string | undefined, email: string): string | undefined
}

/** `secrets`: a key ring, newest first. */
export function createKnownBrowsers(secrets: readonly string[]): KnownBrowsers {
  const macs = createMacRing(secrets, 'grove known browser')
  const contentOf = (id: string, email: string) => `${id} ${normalizeEmail(email)}`
  const partsOf = (cookie: string | undefined) => (cookie && SHAPE.test(cookie) ? cookie.split('.') : [])

  return {
    remember(cookie, email) {
      const [id = randomId(), ...before] = partsOf(cookie)
      const content = contentOf(id, email)
      const others = before.filter((mac) => !macs.fits(content, mac))
      return [id, macs.make(content), ...others].slice(0, MOST_PEOPLE + 1).join('.')
    },
    idFor(cookie, email) {
      const [id, ...known] = partsOf(cookie)
      if (id === undefined) return undefined
      const content = contentOf(id, email)
      return known.some((mac) => macs.fits(content, mac)) ? id : undefined
    },
  }
}
