import { logIn } from '../provider/browser.ts'
import { startGrove } from '../provider/contestants/grove.ts'
import { createRelyingParty, type RelyingParty } from '../provider/relying-party.ts'
import { SESSIONS } from '../provider/running.ts'
import type { Server } from '../provider/server.ts'
import { openWire, type Wire } from '../provider/wire.ts'
import { random } from '../random.ts'
import { cookieOf } from './fill.ts'
import type { Place } from './places.ts'

/** A Grove that runs, and the logins that come to it, in no order. */
export interface Populated {
  name: string
  server: Server
  wire: Wire
  party: RelyingParty
  cookie(): string
  /** Until it answered. */
  startMs: number
}

/** `filled`: so many sessions are in its database already; where there are none, some people log in. */
export async function openPopulated(
  name: string,
  { place, folder, filled }: { place: Place; folder: string; filled: number },
): Promise<Populated> {
  const startedAt = performance.now()
  const server = await startGrove(folder, place.url)
  const startMs = performance.now() - startedAt
  const wire = openWire(server.issuer)
  const party = await createRelyingParty(wire)
  const cookies: string[] = []
  if (filled === 0) while (cookies.length < SESSIONS) cookies.push(await logIn(wire, party.authorizePath))
  const next = random()
  const cookie = () =>
    filled === 0 ? (cookies[Math.floor(next() * SESSIONS)] ?? '') : cookieOf(1 + Math.floor(next() * filled))
  return { name, server, wire, party, cookie, startMs }
}

export async function close({ wire, server }: Populated): Promise<void> {
  wire.close()
  await server.stop()
}
