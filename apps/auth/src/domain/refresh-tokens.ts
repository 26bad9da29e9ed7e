import { createHmac, hkdfSync } from 'node:crypto'
import { isEqual } from './secrets.ts'

/** Makes and reads refresh tokens, `grantId.generation.mac`: nothing of them is stored, so a copied database gives none away. */
export interface RefreshTokens {
  make(grantId: string, generation: number): string
  /** `undefined` if it is not one of ours. Whether it is still good only the grant can tell. */
  read(token: string): { grantId: string; generation: number } | undefined
}

const SHAPE = /^([A-Za-z0-9_-]{22})\.(\d{1,9})\.([A-Za-z0-9_-]{43})$/

/** `secrets`: a key ring, newest first. */
export function createRefreshTokens(secrets: readonly string[]): RefreshTokens {
  const keys = secrets.map((secret) => Buffer.from(hkdfSync('sha256', secret, '', 'grove refresh token', 32)))
  const mac = (key: Buffer, content: string) => createHmac('sha256', key).update(content).digest('base64url')
  const [newest] = keys
  if (!newest) throw new TypeError('at least one secret is needed')

  return {
    make(grantId, generation) {
      const content = `${grantId}.${generation}`
      return `${content}.${mac(newest, content)}`
    },
    read(token) {
      const [, grantId, generation, given] = SHAPE.exec(token) ?? []
      if (!grantId || !generation || !given) return undefined
      const isOurs = keys.some((key) => isEqual(mac(key, `${grantId}.${generation}`), given))
      return isOurs ? { grantId, generation: Number(generation) } : undefined
    },
  }
}
