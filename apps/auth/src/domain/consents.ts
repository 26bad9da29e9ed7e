import { scopesOfClaims } from './claims.ts'

/** What a person allowed a client that is not one of the company's own. */
export interface Consent {
  clientId: string
  scope: string
  at: Date
}

export interface ConsentStore {
  find(accountId: string, clientId: string): Promise<Consent | undefined>
  ofAccount(accountId: string): Promise<Consent[]>
  /** Adds this scope to what was allowed before, with a `consent.given` event. */
  allow(accountId: string, clientId: string, scope: string, now: Date): Promise<void>
  /**
   * Takes everything back: the consent goes, each grant that this client has of the account is revoked, and the client is owed a
   * logout for each session of those, if it is in `tell`. One transaction, with `consent.withdrawn` and `grant.revoked` events.
   * `false`: there was none.
   */
  withdraw(accountId: string, clientId: string, tell: ReadonlySet<string>, now: Date): Promise<boolean>
}

/** What a person has to allow: the scope, and those that claims which are asked for by name belong to. */
export function consentScope(scope: string, claimNames: readonly string[]): string {
  return [...new Set([...scope.split(' '), ...scopesOfClaims(claimNames)])].join(' ')
}

/** Whether everything of `scope` was allowed. */
export function covers(consent: Consent | undefined, scope: string): boolean {
  const allowed = new Set(consent?.scope.split(' '))
  return scope.split(' ').every((name) => allowed.has(name))
}
