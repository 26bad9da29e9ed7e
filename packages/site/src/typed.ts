import type { Kit } from './kit.ts'
import { openSession } from './session.ts'

/** The fields of a form by their names. */
export type Typed = Readonly<Record<string, string>>

export const TYPED_SECONDS = 600
// With its name the place of three open logins, so that all cookies stay under 3 KiB (see `openLogin`).
const LONGEST_ENVELOPE = 1_000

interface SealedForm {
  accountId: string
  /** The path of the form. */
  at: string
  typed: Typed
  /** Seconds since 1970. */
  until: number
}

/**
 * Seals what somebody typed, for the minutes in which he proves again who he is. It is bound to his account and to the form, and only
 * fills that form again: what was posted is never posted by itself. `sessionCookie` may have run out, but must be ours.
 * `undefined` when nobody can be told from it, or when there is too much to keep.
 */
export async function sealTyped(
  kit: Kit,
  sessionCookie: string | undefined,
  { at, typed }: { at: string; typed: Typed },
): Promise<string | undefined> {
  const opened = await openSession(kit, sessionCookie)
  if (!opened || Object.values(typed).join('').length > LONGEST_ENVELOPE) return undefined
  const until = Math.floor(kit.now().getTime() / 1000) + TYPED_SECONDS
  const form: SealedForm = { accountId: opened.session.user.id, at, typed, until }
  const envelope = await kit.forms.seal({ ...form })
  return envelope.length <= LONGEST_ENVELOPE ? envelope : undefined
}

/** What this account typed into this form a few minutes ago; `null` if it was another's, another form, too long ago, or not sealed by us. */
export async function openTyped(
  kit: Kit,
  envelope: string | undefined,
  { accountId, at }: { accountId: string; at: string },
): Promise<Typed | null> {
  const form = (await kit.forms.open(envelope ?? '')) as SealedForm | null // our purpose, our shape
  const isOurs = form?.accountId === accountId && form.at === at && form.until * 1000 > kit.now().getTime()
  return isOurs ? form.typed : null
}
