import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { PEERS } from '../peers.ts'
import { account, client } from '../registration.ts'
import { startServer } from '../server.ts'
import type { Contestant } from './index.ts'

export const nodeOidcProvider = peer('node-oidc-provider, better-sqlite3', 'node-oidc-provider.mjs')
export const nodeOidcProviderInMemory = peer('node-oidc-provider, in memory', 'node-oidc-provider.mjs', {
  isInMemory: true,
})
export const betterAuth = peer('better-auth, better-sqlite3', 'better-auth.mjs')
export const floor = peer('bare floor', 'floor.mjs')

function peer(name: string, program: string, { isInMemory = false } = {}): Contestant {
  return {
    name,
    hasFile: !isInMemory,
    isForgetful: isInMemory,
    async start(folder) {
      await mkdir(folder, { recursive: true })
      return await startServer(name, (port) => ({
        args: [program],
        cwd: PEERS,
        env: {
          PORT: String(port),
          REGISTRATION: JSON.stringify({ client, account }),
          ...(!isInMemory && { DATABASE: join(folder, 'provider.db') }),
          NODE_ENV: 'production',
        },
      }))
    },
  }
}
