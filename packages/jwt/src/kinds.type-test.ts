import {
  AccessToken,
  type AccessTokenClaims,
  ActionToken,
  type ActionTokenClaims,
  type ClaimsOf,
  type CommonClaims,
  defineToken,
  IdToken,
  type IdTokenClaims,
  IdTokenHint,
  type IdTokenHintClaims,
  LogoutToken,
  type LogoutTokenClaims,
  type StatusListClaims,
  StatusListToken,
  text,
  type Verified,
  type Verifier,
} from './index.ts'

// Compiled, never run: the compiler refuses one kind where another is wanted, each pair both ways (JW-23, ID-9).

/** A team's own kind, and another with the very same claims: only the name tells the two apart. */
const invitation = {
  typ: 'invitation+jwt',
  hasAudience: true,
  maxAgeSeconds: 60,
  says: { jti: text(), email: text() },
}
const Invitation = defineToken({ ...invitation, name: 'invitation' })
const Voucher = defineToken({ ...invitation, name: 'voucher' })
type InvitationClaims = ClaimsOf<typeof Invitation>

/** The very same members, written down by hand. */
type Lookalike<Claims extends CommonClaims> = CommonClaims & Pick<Claims, keyof Claims & string>

type Take<Claims extends CommonClaims> = (token: Verified<Claims>) => void

/** One verified token of each kind. */
async function oneOfEach(verifier: Verifier, text: string) {
  return {
    access: await verifier.verify(AccessToken, text),
    id: await verifier.verify(IdToken, text),
    hint: await verifier.verify(IdTokenHint, text),
    logout: await verifier.verify(LogoutToken, text),
    list: await verifier.verify(StatusListToken, text),
    action: await verifier.verify(ActionToken, text),
    invitation: await verifier.verify(Invitation, text),
    voucher: await verifier.verify(Voucher, text),
  }
}
type OneOfEach = Awaited<ReturnType<typeof oneOfEach>>

export function onlyAccess(
  take: Take<AccessTokenClaims>,
  tokens: OneOfEach,
  alike: Verified<Lookalike<AccessTokenClaims>>,
): void {
  take(tokens.access)
  // @ts-expect-error an ID token is no access token
  take(tokens.id)
  // @ts-expect-error a hint is no access token
  take(tokens.hint)
  // @ts-expect-error a logout token is no access token
  take(tokens.logout)
  // @ts-expect-error a status list is no access token
  take(tokens.list)
  // @ts-expect-error an action token is no access token
  take(tokens.action)
  // @ts-expect-error an invitation is no access token
  take(tokens.invitation)
  // @ts-expect-error what has the members of an access token is not one for that
  take(alike)
}

export function onlyId(
  take: Take<IdTokenClaims>,
  tokens: OneOfEach,
  alike: Verified<Lookalike<IdTokenClaims>>,
): void {
  take(tokens.id)
  // @ts-expect-error an access token is no login
  take(tokens.access)
  // @ts-expect-error a hint is no ID token
  take(tokens.hint)
  // @ts-expect-error a logout token is no login
  take(tokens.logout)
  // @ts-expect-error a status list is no ID token
  take(tokens.list)
  // @ts-expect-error an action token is no ID token
  take(tokens.action)
  // @ts-expect-error an invitation is no ID token
  take(tokens.invitation)
  // @ts-expect-error what has the members of an ID token is not one for that
  take(alike)
}

export function onlyHint(
  take: Take<IdTokenHintClaims>,
  tokens: OneOfEach,
  alike: Verified<Lookalike<IdTokenHintClaims>>,
): void {
  take(tokens.hint)
  // @ts-expect-error an access token is no hint
  take(tokens.access)
  // @ts-expect-error an ID token is no hint
  take(tokens.id)
  // @ts-expect-error a logout token is no hint
  take(tokens.logout)
  // @ts-expect-error a status list is no hint
  take(tokens.list)
  // @ts-expect-error an action token is no hint
  take(tokens.action)
  // @ts-expect-error an invitation is no hint
  take(tokens.invitation)
  // @ts-expect-error what has the members of a hint is not one for that
  take(alike)
}

export function onlyLogout(
  take: Take<LogoutTokenClaims>,
  tokens: OneOfEach,
  alike: Verified<Lookalike<LogoutTokenClaims>>,
): void {
  take(tokens.logout)
  // @ts-expect-error an access token is no logout token
  take(tokens.access)
  // @ts-expect-error an ID token is no logout token
  take(tokens.id)
  // @ts-expect-error a hint is no logout token
  take(tokens.hint)
  // @ts-expect-error a status list is no logout token
  take(tokens.list)
  // @ts-expect-error an action token is no logout token
  take(tokens.action)
  // @ts-expect-error an invitation is no logout token
  take(tokens.invitation)
  // @ts-expect-error what has the members of a logout token is not one for that
  take(alike)
}

export function onlyList(
  take: Take<StatusListClaims>,
  tokens: OneOfEach,
  alike: Verified<Lookalike<StatusListClaims>>,
): void {
  take(tokens.list)
  // @ts-expect-error an access token is no status list
  take(tokens.access)
  // @ts-expect-error an ID token is no status list
  take(tokens.id)
  // @ts-expect-error a hint is no status list
  take(tokens.hint)
  // @ts-expect-error a logout token is no status list
  take(tokens.logout)
  // @ts-expect-error an action token is no status list
  take(tokens.action)
  // @ts-expect-error an invitation is no status list
  take(tokens.invitation)
  // @ts-expect-error what has the members of a status list is not one for that
  take(alike)
}

export function onlyAction(
  take: Take<ActionTokenClaims>,
  tokens: OneOfEach,
  alike: Verified<Lookalike<ActionTokenClaims>>,
): void {
  take(tokens.action)
  // @ts-expect-error an access token is no action token
  take(tokens.access)
  // @ts-expect-error an ID token is no action token
  take(tokens.id)
  // @ts-expect-error a hint is no action token
  take(tokens.hint)
  // @ts-expect-error a logout token is no action token
  take(tokens.logout)
  // @ts-expect-error a status list is no action token
  take(tokens.list)
  // @ts-expect-error an invitation is no action token
  take(tokens.invitation)
  // @ts-expect-error what has the members of an action token is not one for that
  take(alike)
}

export function onlyInvitation(take: Take<InvitationClaims>, tokens: OneOfEach): void {
  take(tokens.invitation)
  // @ts-expect-error a voucher is no invitation, though it says the same
  take(tokens.voucher)
  // @ts-expect-error an access token is no invitation
  take(tokens.access)
  // @ts-expect-error an ID token is no invitation
  take(tokens.id)
  // @ts-expect-error a hint is no invitation
  take(tokens.hint)
  // @ts-expect-error a logout token is no invitation
  take(tokens.logout)
  // @ts-expect-error a status list is no invitation
  take(tokens.list)
  // @ts-expect-error an action token is no invitation
  take(tokens.action)
}

export function onlyVerified(take: Take<AccessTokenClaims>, decoded: AccessTokenClaims): void {
  // @ts-expect-error what was only decoded is not verified
  take(decoded)
}
