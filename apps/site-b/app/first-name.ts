import type { User } from '@grove/site'

/** What a person is called in a greeting. */
export function firstName(user: User): string {
  return user.givenName || user.name?.trim().split(/\s+/)[0] || user.email || user.id
}
