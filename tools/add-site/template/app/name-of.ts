import type { User } from '@grove/site'

/** What a person is called: auth tells a name only if it has one. */
export function nameOf(user: User): string {
  return user.givenName || user.name || user.email || user.id
}
