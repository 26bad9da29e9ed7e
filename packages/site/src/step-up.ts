import { wasSignedInWithin } from './session.ts'

const PARAMETER = /([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([\w.~+/-]+))/g
// Who has just logged in and is refused all the same would be refused the next time too: that is for a person to hear.
const FRESH_SECONDS = 60

/** What an API that refuses asks for (RFC 9470 §3): a login at most this many seconds old. `undefined` when it is about something else. */
export function wantedLoginAge({ status, headers }: Response): number | undefined {
  if (status !== 401) return undefined
  // A value in quotes is read whole: what a description says is no parameter.
  const found = [...(headers.get('www-authenticate') ?? '').matchAll(PARAMETER)]
  const challenge = new Map(
    found.map(([, name = '', quoted, token]) => [name.toLowerCase(), quoted ?? token]),
  )
  if (challenge.get('error') !== 'insufficient_user_authentication') return undefined
  const seconds = /^\d{1,8}$/.exec(challenge.get('max_age') ?? '')?.[0]
  return seconds === undefined ? undefined : Number(seconds)
}

/** Whether another login can help at all: once, and never in a circle. */
export function mayStepUp({ signedInAt }: { signedInAt: Date }, now: Date): boolean {
  return !wasSignedInWithin({ signedInAt }, FRESH_SECONDS, now)
}
