import {
  askOracle,
  CLIENTS,
  ISSUER,
  payloadOf,
  registrationOf,
  SITE_A,
  SITE_B,
  secretOf,
} from '@grove/auth/testing'
import { openPlace, type StartOptions } from './auth-process.ts'
import { accountOf, type Cluster, emailOf, PASSWORD, providerAt } from './cluster.ts'
import type { Databases } from './databases.ts'
import { navigate } from './navigate.ts'
import { openRelay, type Relay } from './relay.ts'
import { type SiteId, type SiteProcess, startSite } from './site-process.ts'
import { Visitor } from './visitor.ts'

export const ALDER = SITE_A
export const BIRCH = SITE_B
const ADDRESS = { alder: ALDER, birch: BIRCH }
const PEOPLE = 6

/** Processes of auth, and of two sites on domains of their own. Every way between them is a relay, which can be broken. */
export interface Town extends Cluster {
  sites: Record<SiteId, SiteProcess>
  /** From the sites to auth; a browser has a way of its own. */
  toAuth: Relay
  /** From auth to each site. */
  toSite: Record<SiteId, Relay>
  /** Another process in place of this site's, with the same secrets. */
  startSite(id: SiteId, settings?: Record<string, string>): Promise<SiteProcess>
  visitor(): Visitor
}

export interface TownOptions {
  /** Settings of the processes of auth, and of the sites. */
  auth?: StartOptions
  site?: Record<string, string>
}

export async function openTown(databases: Databases, { auth, site }: TownOptions = {}): Promise<Town> {
  const toAuth = await openRelay(() => town.processes[0]?.origin ?? '')
  const toSite = {
    alder: await openRelay(() => town.sites.alder.origin),
    birch: await openRelay(() => town.sites.birch.origin),
  }
  const clients = CLIENTS.filter(({ id }) => id === 'alder' || id === 'birch')
  const place = await openPlace(
    {
      clients: clients.map((client) => ({
        ...registrationOf(client, `${toSite[client.id as SiteId].origin}/sso/backchannel-logout`), // as: those two, see above
        post_logout_redirect_uris: client.postLogoutRedirectUris,
      })),
      accounts: Array.from({ length: PEOPLE }, (_, person) => ({
        email: emailOf(person),
        password: PASSWORD,
        claims: { sub: accountOf(person), name: `Person ${person}` },
      })),
    },
    { databaseUrl: await databases.create() },
  )
  const begin = (id: SiteId, more?: Record<string, string>) =>
    startSite(id, ADDRESS[id], { ISSUER_INTERNAL_URL: toAuth.origin, ...site, ...more })
  const [first, alder, birch] = await Promise.all([place.start(auth), begin('alder'), begin('birch')])
  const ended: SiteProcess[] = [alder, birch]

  const town: Town = {
    databaseUrl: place.databaseUrl,
    processes: [first],
    sites: { alder, birch },
    toAuth,
    toSite,
    heard: [],
    at: () => providerAt(() => town.processes[0]?.origin ?? '', clients),
    start: (options) => place.start({ ...auth, ...options }),
    prepare: place.prepare,
    async startSite(id, settings) {
      const started = await begin(id, settings)
      ended.push(started)
      town.sites[id] = started
      return started
    },
    visitor: () =>
      new Visitor((input, init) => {
        const { origin, pathname, search } = new URL(input instanceof Request ? input.url : input)
        return navigate(originOf(town, origin) + pathname + search, init)
      }),
    oracle: (secrets = []) =>
      askOracle(place.databaseUrl, {
        told: clients.map(({ id }) => id),
        secrets: [PASSWORD, ...clients.map(({ id }) => secretOf(id)), ...secrets],
      }),
    async close() {
      await Promise.all([place.close(), ...ended.map((one) => one.kill())])
      for (const relay of [toAuth, toSite.alder, toSite.birch]) relay.close()
    },
  }
  return town
}

function originOf(town: Town, publicOrigin: string): string {
  const origins: Record<string, string | undefined> = {
    [ISSUER]: town.processes[0]?.origin,
    [ALDER]: town.sites.alder.origin,
    [BIRCH]: town.sites.birch.origin,
  }
  return origins[publicOrigin] ?? publicOrigin
}

/** Who is signed in, by what the front page of a site says, and with which token. */
export async function whoAt(
  visitor: Visitor,
  site: string,
): Promise<{ status: number; signedIn: string | null; accessToken: string | null }> {
  const response = await visitor.goTo(`${site}/`)
  const isPage = response.headers.get('content-type')?.startsWith('application/json')
  return {
    status: response.status,
    ...(isPage ? await response.json() : { signedIn: null, accessToken: null }),
  }
}

/** A site's API, called with a token; the status it answers. */
export async function callsApi(site: SiteProcess, accessToken: string | null): Promise<number> {
  const headers = { authorization: `Bearer ${accessToken}` }
  return (await fetch(`${site.origin}/api/me`, { headers })).status
}

export const sidOf = (accessToken: string | null): string => String(payloadOf(accessToken ?? '').sid)
