import { endSession, toldClients } from './back-channel.ts'
import type { ClientRegistry } from './clients.ts'
import type { Session } from './sessions.ts'
import type { Store } from './store.ts'

/** What a person may end on their account page, and nobody else's. */
export interface Endings {
  /** One site on one device. */
  leave(sessionId: string, clientId: string): Promise<void>
  /** One device, as a logout there does. */
  endDevice(sessionId: string): Promise<void>
  /** Everything, the browser that asks included. */
  endAll(): Promise<void>
  /** What was allowed to a client that is not one of our own. */
  withdraw(clientId: string): Promise<void>
}

/** Everything is looked up among what belongs to the account of this session: ids of others change nothing. */
export function endingsOf(store: Store, clients: ClientRegistry, { account }: Session, now: Date): Endings {
  const own = async () => (await store.sessions.ofAccount(account.id, now)).map(({ sessionId }) => sessionId)
  const end = (sessionId: string) => endSession(store, clients, sessionId, now)
  return {
    async leave(sessionId, clientId) {
      if ((await own()).includes(sessionId))
        await store.sessions.leave(sessionId, clientId, toldClients(clients), now)
    },
    async endDevice(sessionId) {
      if ((await own()).includes(sessionId)) await end(sessionId)
    },
    async endAll() {
      for (const sessionId of await own()) await end(sessionId)
    },
    async withdraw(clientId) {
      await store.consents.withdraw(account.id, clientId, toldClients(clients), now)
    },
  }
}

/** Ends every login, of one account or of all, as a logout does; returns how many that were. */
export async function endLogins(
  store: Store,
  clients: ClientRegistry,
  accountId: string | undefined,
  now: Date,
): Promise<number> {
  let count = 0
  for (let after = ''; ; ) {
    const sessionIds = await store.sessions.living({ accountId, after }, now)
    for (const sessionId of sessionIds) await endSession(store, clients, sessionId, now)
    count += sessionIds.length
    const last = sessionIds.at(-1)
    if (last === undefined) return count
    after = last
  }
}

/** Signs everybody out of one client, which gets its logouts and nothing for the refresh tokens that it has; returns how many logins that were. */
export async function endClient(
  store: Store,
  clients: ClientRegistry,
  clientId: string,
  now: Date,
): Promise<number> {
  const tell = toldClients(clients)
  let count = 0
  for (let after = 0; ; ) {
    const grants = await store.grants.living({ clientId, after }, now)
    for (const { sessionId } of grants)
      if (await store.sessions.leave(sessionId, clientId, tell, now)) count += 1
    const last = grants.at(-1)
    if (last === undefined) return count
    after = last.index
  }
}
