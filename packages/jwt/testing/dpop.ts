import { createHash, randomUUID } from 'node:crypto'
import { forge, testKey } from '../src/issuer.fixture.ts'
import type { AsymmetricAlgorithm } from '../src/keys.ts'

export interface ProvedRequest {
  method: string
  url: string
  now: Date
  accessToken?: string | undefined
  nonce?: string | undefined
}

/** A client's key for DPoP proofs (RFC 9449 §4.2). */
export interface DpopKey {
  /** Its thumbprint. */
  jkt: string
  publicJwk: Record<string, unknown>
  /** A proof for this request. What `change` names is put in its place, or left out when it is `undefined`. */
  prove(request: ProvedRequest, change?: { header?: object; claims?: object }): Promise<string>
}

export async function createDpopKey(alg: AsymmetricAlgorithm = 'ES256'): Promise<DpopKey> {
  const { signing, publicJwk } = await testKey(alg)
  const { kid: jkt = '', alg: _alg, use: _use, ...jwk } = publicJwk
  return {
    jkt,
    publicJwk: jwk,
    async prove({ method, url, now, accessToken, nonce }, { header, claims } = {}) {
      const ath = accessToken && createHash('sha256').update(accessToken).digest('base64url')
      const iat = Math.floor(now.getTime() / 1000)
      const said = { jti: randomUUID(), htm: method, htu: url, iat, ath, nonce }
      return await forge(signing, { typ: 'dpop+jwt', alg, jwk, ...header }, { ...said, ...claims })
    },
  }
}
