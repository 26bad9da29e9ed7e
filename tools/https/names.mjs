import { lookup } from 'node:dns/promises'

/** Names below .test belong to nobody (RFC 6761 §6.2), and to a browser `alder.test` and `birch.test` are two domains. */
export const AUTH_NAME = 'auth.grove.test'

/** @param {import('../sites.mjs').Site} site */
export const nameOf = ({ clientId }) => `${clientId}.test`

/** As a browser writes it: the port of https goes without saying. */
export const originOf = (name, port) => new URL(`https://${name}:${port}`).origin

/**
 * Which names this machine's resolver does not take for this machine. A browser asks it, so nobody gets there.
 *
 * @param {string[]} names
 * @returns {Promise<string[]>}
 */
export async function astray(names) {
  const isHere = async (name) => {
    const found = await lookup(name, { all: true }).catch(() => [])
    return found.length > 0 && found.every(({ address }) => /^(127\.|::1$)/.test(address))
  }
  const here = await Promise.all(names.map(isHere))
  return names.filter((_, index) => !here[index])
}

/** What makes them mean this machine, to be typed by a person. */
export const hostsCommand = (names) => `sudo sh -c 'echo "127.0.0.1 ${names.join(' ')}" >> /etc/hosts'`
