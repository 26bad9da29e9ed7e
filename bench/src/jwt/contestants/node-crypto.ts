import type { Contestant } from '../contestants.ts'
import type { Keys } from '../keys.ts'
import { signatureFits, signatureOf } from '../signature.ts'
import { claimsOf, tokenOf } from '../tokens.ts'

/** The floor: what the signature costs, and no claim is written or read. */
export function nodeCrypto(keys: Keys): Contestant {
  const token = tokenOf(keys, claimsOf(0))
  const input = token.slice(0, token.lastIndexOf('.'))
  const verify = (text: string) => {
    const end = text.lastIndexOf('.')
    if (!signatureFits(keys, text.slice(0, end), text.slice(end + 1)))
      throw new Error('the signature does not fit')
    return true
  }
  return {
    name: 'node:crypto, the signature alone',
    isFloor: true,
    sign: () => `${input}.${signatureOf(keys, input)}`,
    cold: verify,
    hot: verify,
    random: verify,
  }
}
