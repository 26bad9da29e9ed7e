import { createMacRing } from './secrets.ts'

/** Makes and reads refresh tokens, `grantId.generation.mac`: nothing of them is stored, so a copied database gives none away. */
export interface RefreshTokens {
  make(grantId: string, generation: number): string
  /** `undefined` if it is not one of ours. Whether it is still good only the grant can tell. */
  read(token: string): { grantId: string; generation: number } | undefined
}

const SHAPE = /^([A-Za-z0-9_-]{22})\.(\d{1,9})\.([A-Za-z0-9_-]{43})$/

/** `secrets`: a key ring, newest first. */
export function createRefreshTokens(secrets: readonly string[]): RefreshTokens {
  const macs = createMacRing(secrets, 'grove refresh token')

  return {
    make(grantId, generation) {
      const content = `${grantId}.${generation}`
      return `${content}.${macs.make(content)}`
    },
    read(token) {
      const [, grantId, generation, mac] = SHAPE.exec(token) ?? []
      if (!grantId || !generation || !mac) return undefined
      return macs.fits(`${grantId}.${generation}`, mac)
        ? { grantId, generation: Number(generation) }
        : undefined
    },
  }
}
