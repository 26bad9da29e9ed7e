import { logIn } from './browser.ts'
import { client } from './registration.ts'
import { createRelyingParty, type Tokens } from './relying-party.ts'
import type { Wire } from './wire.ts'

/** One operation, by the worker number `lane`: what is its own, such as a refresh token, stays with it. */
export type Operation = (lane: number) => Promise<void>

export const OPERATIONS = ['hop', 'refresh', 'userinfo', 'first userinfo', 'introspection', 'jwks'] as const
export type OperationName = (typeof OPERATIONS)[number]

export interface Visitor {
  /** So many browsers log in, one after the other; those of before are forgotten. */
  logIn(count: number): Promise<void>
  /** Those whose cookies these are, instead. */
  comeWith(cookies: readonly string[]): void
  hop: Operation
  /** Ready to be run by this many workers at once, this often altogether. */
  prepare(name: OperationName, lanes: number, count: number): Promise<Operation>
}

// Shown again and again. The adapter in memory forgets all but its last thousand entries, so there are few.
const TOKENS = 128

/** A browser and a site's server in one. */
export async function createVisitor(wire: Wire): Promise<Visitor> {
  const party = await createRelyingParty(wire)
  let sessions: readonly string[] = []
  let turn = 0

  const signOn = (resource?: string) => party.signOn(sessions[turn++ % sessions.length] ?? '', resource)
  // node-oidc-provider takes an access token of its own endpoints only if it is for no other resource.
  const ownTokens = (count: number) => many(count, () => signOn())

  const hop = async () => {
    await signOn(client.resource)
  }
  const prepare: Record<OperationName, (lanes: number, count: number) => Promise<Operation>> = {
    hop: async () => hop,

    async refresh(lanes) {
      const present = await many(lanes, () => signOn(client.resource))
      return async (lane) => {
        present[lane] = await party.refresh(itemAt(present, lane))
      }
    },

    async userinfo() {
      const known = await ownTokens(TOKENS)
      for (const tokens of known) await party.userinfo(tokens)
      let next = 0
      return () => party.userinfo(itemAt(known, next++ % TOKENS))
    },

    async 'first userinfo'(_, count) {
      const fresh = await ownTokens(count)
      let next = 0
      return () => party.userinfo(itemAt(fresh, next++))
    },

    async introspection() {
      const known: Tokens[] = await ownTokens(TOKENS)
      let next = 0
      return () => party.introspect(itemAt(known, next++ % TOKENS))
    },

    jwks: async () => party.jwks,
  }

  return {
    async logIn(count) {
      const cookies: string[] = []
      while (cookies.length < count) cookies.push(await logIn(wire, party.authorizePath))
      sessions = cookies
    },
    comeWith(cookies) {
      sessions = cookies
    },
    hop,
    prepare: (name, lanes, count) => prepare[name](lanes, count),
  }
}

async function many<Item>(count: number, make: () => Promise<Item>): Promise<Item[]> {
  const items: Item[] = []
  while (items.length < count)
    items.push(...(await Promise.all(Array.from({ length: Math.min(16, count - items.length) }, make))))
  return items
}

/** @throws Error if there is none */
export function itemAt<Item>(items: readonly Item[], place: number): Item {
  const item = items[place]
  if (item === undefined) throw new Error(`there are ${items.length} and no more`)
  return item
}
