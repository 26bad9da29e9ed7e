import type { ClientRegistry } from './clients.ts'
import type { DeliveryOutcome } from './logouts.ts'
import type { PendingLogout } from './sessions.ts'
import type { Store } from './store.ts'
import type { TokenIssuer } from './tokens.ts'

/** Posts a logout token to a client; resolves to the reason why it failed, or to nothing. Never rejects. */
export type PostLogoutToken = (uri: string, logoutToken: string) => Promise<string | undefined>

const RETRY_AFTER_SECONDS = [2, 10, 60, 300]
const CLAIM_SECONDS = 30
// More than a session has sites: those that answer do not wait for those that hang.
const MOST_AT_ONCE = 250

export interface LogoutDelivery {
  store: Store
  clients: ClientRegistry
  tokens: TokenIssuer
  post: PostLogoutToken
}

/** Ends a session here, and owes every client that took part in it a logout token. The owing is written with the end. */
export async function endSession(
  store: Store,
  clients: ClientRegistry,
  sessionId: string,
  now: Date,
): Promise<void> {
  await store.sessions.end(sessionId, toldClients(clients), now)
}

/** Who is told of a logout. */
export function toldClients(clients: ClientRegistry): Set<string> {
  const told = clients.all().filter(({ backchannelLogoutUri }) => backchannelLogoutUri)
  return new Set(told.map(({ id }) => id))
}

/**
 * Posts every logout token that is due, all at once: a slow or dead client holds up no other (Back-Channel Logout 1.0 §2.7).
 * Each attempt's outcome is recorded; a failed one is tried again a few times.
 */
export async function deliverLogouts(
  { store, clients, tokens, post }: LogoutDelivery,
  now: () => Date,
): Promise<void> {
  const claimedUntil = new Date(now().getTime() + CLAIM_SECONDS * 1000)
  const due = await store.logouts.claimDue(now(), claimedUntil, MOST_AT_ONCE)
  await Promise.all(
    due.map(async (logout) => {
      const reason = await deliver(logout)
      await store.logouts.record(logout.id, outcomeOf(logout, reason, now()), now())
    }),
  )

  async function deliver(logout: PendingLogout): Promise<string | undefined> {
    const client = clients.find(logout.clientId)
    if (!client?.backchannelLogoutUri) return 'the client has no address for it any more'
    return await post(client.backchannelLogoutUri, await tokens.issueLogoutToken(logout, client, now()))
  }
}

function outcomeOf(logout: PendingLogout, reason: string | undefined, now: Date): DeliveryOutcome {
  if (reason === undefined) return { outcome: 'delivered' }
  const waitSeconds = RETRY_AFTER_SECONDS[logout.attempts]
  return {
    outcome: 'failed',
    reason,
    retryAt: waitSeconds ? new Date(now.getTime() + waitSeconds * 1000) : null,
  }
}
