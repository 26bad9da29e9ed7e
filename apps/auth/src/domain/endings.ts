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
