import { lookup } from 'node:dns/promises'
import { hostsCommand } from '../https/names.mjs'
import { isLoopbackName, publicAddresses, urlOf } from './house.mjs'

const LOOPBACK = /^(127\.|::1$)/

/** Whether every address is one, and its name leads where it should. */
export async function names(house) {
  const addresses = publicAddresses(house)
  const told = [
    ...addresses.map(({ address }) => address),
    ...house.sites.map(({ settings }) => settings.ISSUER),
  ]
  const hosts = [...new Set(told.flatMap((address) => urlOf(address)?.hostname ?? []))]
  const found = new Map(await Promise.all(hosts.map(async (host) => [host, await addressesOf(host)])))
  return [
    ...addresses.flatMap((entry) => notAnAddress(entry) ?? []),
    ...hosts.flatMap((host) => (isTestName(host) ? [] : (leadsAstray(host, found.get(host)) ?? []))),
    ...testNames(hosts.filter((host) => isTestName(host) && !isHere(found.get(host)))),
    ...house.sites.flatMap((site) => cannotReachAuth(site, found) ?? []),
    ...hostsLine(hosts.filter((host) => host.endsWith('.localhost') && found.get(host).length === 0)),
  ]
}

async function addressesOf(host) {
  const found = await lookup(host.replace(/^\[|\]$/g, ''), { all: true }).catch(() => [])
  return found.map(({ address }) => address)
}

function notAnAddress({ app, setting, address }) {
  if (address && urlOf(address)?.origin === address) return undefined
  return {
    what: `${setting} of ${app.title} is ${address ? `"${address}"` : 'missing'}.`,
    why: 'It is compared letter by letter with what is in tokens: scheme, name and port, and no slash at the end.',
    fix: `write it into ${app.place}, such as https://${app.name}.example.com`,
  }
}

function leadsAstray(host, addresses) {
  if (isLoopbackName(host)) {
    const astray = addresses.find((address) => !LOOPBACK.test(address))
    return (
      astray && {
        what: `${host} leads to ${astray}, another machine.`,
        why: 'Names under localhost mean this machine (RFC 6761 §6.3). Browsers know that, this machine’s resolver does not.',
        fix: `take ${host} out of /etc/hosts and of the name server that answers for it`,
      }
    )
  }
  return addresses.length > 0
    ? undefined
    : {
        what: `Nobody knows the name ${host}.`,
        why: 'Browsers do not get there, and auth cannot tell the site of a logout.',
        fix: `make a DNS record for ${host}, or correct the address`,
      }
}

const isTestName = (host) => host.endsWith('.test')
const isHere = (addresses) => addresses.length > 0 && addresses.every((address) => LOOPBACK.test(address))

function testNames(astray) {
  if (astray.length === 0) return []
  return [
    {
      what: `This machine does not know ${astray.join(' ')} as names of its own.`,
      why: 'Names under test belong to nobody (RFC 6761 §6.2), so no name server has them: browsers do not get there.',
      fix: hostsCommand(astray),
    },
  ]
}

/** Only where the site has no other way: Node does not know *.localhost by itself, and mostly need not. */
function cannotReachAuth({ title, place, settings }, found) {
  const host = urlOf(settings.ISSUER)?.hostname
  if (settings.ISSUER_INTERNAL_URL || !host?.endsWith('.localhost') || found.get(host)?.length !== 0)
    return undefined
  return {
    what: `Node does not find ${host}, and ${title} has no ISSUER_INTERNAL_URL.`,
    why: 'Browsers resolve *.localhost by themselves, Node asks the system. The site cannot trade its codes for tokens.',
    fix: `put ISSUER_INTERNAL_URL=http://127.0.0.1:${urlOf(settings.ISSUER).port || 80} into ${place}`,
  }
}

function hostsLine(unknown) {
  if (process.platform !== 'darwin' || unknown.length === 0) return []
  return [
    {
      isNote: true,
      what: 'Safari does not find the names of this house; Chrome, Edge and Firefox do.',
      why: 'Safari asks the system, which does not know *.localhost.',
      fix: `sudo sh -c 'echo "127.0.0.1 ${unknown.join(' ')}" >> /etc/hosts'`,
    },
  ]
}
