import { isLoopbackName, publicAddresses, urlOf } from './house.mjs'

/** Whether browsers will keep the cookies: `__Host-` wants https, or a name of this machine, and each app a name of its own. */
export function cookies(house) {
  const addresses = publicAddresses(house).flatMap(({ app, setting, address }) => {
    const url = urlOf(address)
    return url ? [{ app, setting, url }] : []
  })
  return [
    ...addresses.flatMap((entry) => plainHttp(entry) ?? []),
    ...addresses.flatMap((entry, index) => sameHost(entry, addresses.slice(0, index)) ?? []),
    ...onThisMachine(addresses),
  ]
}

const isLocalHttp = (url) => url.protocol === 'http:' && isLoopbackName(url.hostname)

function plainHttp({ app, setting, url }) {
  if (url.protocol === 'https:' || isLocalHttp(url)) return undefined
  return {
    what: `${setting} of ${app.title} is ${url.origin}.`,
    why: 'A cookie whose name begins with __Host- is kept only from https, or from a name of this machine. The app refuses to start.',
    fix: `put https before it, and something that speaks https before the app (${app.place})`,
  }
}

function sameHost({ app, url }, before) {
  const twin = before.find((other) => other.url.hostname === url.hostname)
  return (
    twin && {
      what: `${twin.app.title} and ${app.title} are both at ${url.hostname}.`,
      why: 'Cookies do not know ports: each would overwrite the session of the other.',
      fix: `give each a name of its own, such as http://${app.name}.localhost:${url.port || 80}`,
    }
  )
}

function onThisMachine(addresses) {
  if (!addresses.some(({ url }) => isLocalHttp(url))) return []
  return [
    {
      isNote: true,
      what: 'Over http://*.localhost, Chrome, Edge and Firefox (84 or newer) keep __Host- cookies. Safari does not.',
      why: 'Safari takes a Secure cookie from https alone, so a login at these addresses never sticks in it.',
      fix: 'use one of the others, or pnpm dev:https: over https Safari keeps them as well',
    },
  ]
}
