import { createServer } from 'node:net'
import { askAuth } from '../doctor/provider.mjs'
import { AUTH_NAME } from './names.mjs'

/** Where https is, when it needs no port in its addresses. */
export const HTTPS_PORT = 443
const ELSE = 8443

/**
 * The port for https: its own where this user may listen there, else one above those that belong to the administrator.
 *
 * @returns {Promise<{ port: number, why?: string }>} `why` it is not its own
 */
export async function choosePort() {
  const code = await refusal(HTTPS_PORT)
  if (!code) return { port: HTTPS_PORT }
  const reason =
    code === 'EADDRINUSE' ? 'another program listens there' : 'it belongs to the administrator here'
  return { port: ELSE, why: `Port ${HTTPS_PORT} cannot be used (${reason}), so the addresses say ${ELSE}.` }
}

/**
 * The port that `pnpm dev:https` has at this moment, or would have; undefined if it does not run and nobody asks for it.
 *
 * @param {import('../doctor/house.mjs').House} house
 * @param {boolean} isAskedFor
 * @returns {Promise<number | undefined>}
 */
export async function portOfHttps({ auth, isProduction }, isAskedFor) {
  if (!auth || isProduction) return undefined
  const { issuer } = await askAuth(`http://127.0.0.1:${auth.settings.PORT}`)
  const running = issuer && URL.canParse(issuer) ? new URL(issuer) : undefined
  if (running?.hostname === AUTH_NAME) return Number(running.port || HTTPS_PORT)
  return isAskedFor ? (await choosePort()).port : undefined
}

/** The code of the error with which the system refuses, if it does. */
function refusal(port) {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', ({ code }) => resolve(code))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(undefined)))
  })
}
