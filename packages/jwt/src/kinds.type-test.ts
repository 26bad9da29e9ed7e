import {
  AccessToken,
  type AccessTokenClaims,
  IdToken,
  type IdTokenClaims,
  LogoutToken,
  type Verified,
  type Verifier,
} from './index.ts'

declare function answerApi(token: Verified<AccessTokenClaims>): void
declare function signIn(token: Verified<IdTokenClaims>): void

/** Compiled, never run: the compiler refuses one kind where another is wanted (JW-23, ID-9). */
export async function kindsStayApart(verifier: Verifier, text: string): Promise<void> {
  answerApi(await verifier.verify(AccessToken, text))
  signIn(await verifier.verify(IdToken, text))
  // @ts-expect-error an ID token is no access token
  answerApi(await verifier.verify(IdToken, text))
  // @ts-expect-error an access token is no login
  signIn(await verifier.verify(AccessToken, text))
  // @ts-expect-error a logout token is no access token
  answerApi(await verifier.verify(LogoutToken, text))
  // @ts-expect-error a logout token is no login
  signIn(await verifier.verify(LogoutToken, text))
  // @ts-expect-error what was only decoded is not verified
  answerApi(JSON.parse(text) as AccessTokenClaims)
}
