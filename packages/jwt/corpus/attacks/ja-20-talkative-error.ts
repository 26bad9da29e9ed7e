import { type Cast, forge, partsOf, type Signer } from '../forger.ts'
import { attack, type KindName, type TokenCase } from '../shape.ts'

/** A changed token under the old signature. Whoever shows the signature that would be right has signed it. */
export function talkativeError({ genuine, secret }: Cast): TokenCase[] {
  const signers: [KindName, Signer][] = [
    ['action token', secret],
    ['access token', genuine.ES256],
    ['access token', genuine.RS256],
    ['access token', genuine.Ed25519],
  ]
  return signers.flatMap(([kind, signer]) => {
    const { refused } = attack('JA-20', kind)
    const [header, payload, signature] = partsOf(forge(kind, signer, { payload: { sub: 'root' } }))
    const before = partsOf(forge(kind, signer))[2]
    const bytes = Buffer.from(signature, 'base64url')
    const hidden = [signature, bytes.toString('hex'), bytes.toString('base64')]
    const changed = (place: number) => {
      const copy = Buffer.from(bytes)
      copy.writeUInt8(copy.readUInt8(place) ^ 1, place)
      return copy.toString('base64url')
    }
    const show = (name: string, other: string) =>
      refused('signature', `${signer.alg}: ${name}`, `${header}.${payload}.${other}`, { hidden })
    return [
      show('the signature of what it was before', before),
      show('the right signature but for its first bit', changed(0)),
      show('the right signature but for its last bit', changed(bytes.length - 1)),
    ]
  })
}
