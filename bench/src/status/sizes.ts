import { constants, deflateSync } from 'node:zlib'
import {
  createStatusPublisher,
  decodeStatusList,
  encodeStatusList,
  generateKey,
  importPrivateKey,
  type SigningKey,
} from '@grove/jwt'
import { bytesHeldBy, cpuMs } from '../measure.ts'
import { differentNumbers } from '../random.ts'
import type { Effort } from '../section.ts'
import { printTable, whole, withSpread } from '../table.ts'

const ISSUER = 'https://auth.example'
export const SIZES = [1_000_000, 10_000_000]
const SHARES = [0.001, 0.01, 0.1]
const MOST_BYTES = 6_000_000
// Several at once, to tell their memory from what else comes and goes.
const COPIES = 64

/** On the wire and in CPU, for each size and each share of revoked tokens. */
export async function printSizes({ isQuick }: Effort): Promise<void> {
  const rounds = isQuick ? 1 : 7
  const { privateJwk } = await generateKey('ES256')
  const key = await importPrivateKey(privateJwk, 'ES256')
  const sizes: string[][] = []
  const times: string[][] = []
  for (const size of SIZES) {
    for (const share of SHARES) {
      const revoked = differentNumbers(size * share, size)
      const lst = await encodeStatusList(revoked, size)
      const name = `${whole(size)}, ${share * 100} % revoked`
      sizes.push([name, ...(await onTheWire(revoked, { size, lst, key }))])
      times.push([name, ...(await cpu(revoked, { size, lst, key, rounds }))])
    }
  }
  printTable(
    'Status lists, bytes: 1 bit a token, random places',
    ['', 'bits', 'deflated', 'zlib level 9', 'over level 9', 'lst', 'signed token', 'decoded, in memory'],
    sizes,
  )
  printTable(
    'Status lists, ms of CPU',
    ['', 'encodeStatusList', 'publish, anew', 'publish, unchanged', 'decodeStatusList'],
    times,
  )
}

interface Encoded {
  size: number
  lst: string
  key: SigningKey
}

async function onTheWire(revoked: number[], { size, lst, key }: Encoded): Promise<string[]> {
  const { token } = await publisherOf(size, key).publish(`${ISSUER}/status/0`, revoked, new Date())
  await decodeStatusList(lst, MOST_BYTES) // so that what the code takes is not counted
  const { bytes, held } = await bytesHeldBy(async () => {
    const lists: Uint8Array[] = []
    for (let copy = 0; copy < COPIES; copy++) lists.push(await decodeStatusList(lst, MOST_BYTES))
    return lists
  })
  const [list = new Uint8Array()] = held
  const best = deflateSync(list, { level: constants.Z_BEST_COMPRESSION }).byteLength
  const deflated = Buffer.from(lst, 'base64url').byteLength
  const more = `${((deflated / best - 1) * 100).toFixed(2)} %`
  return [
    ...[list.byteLength, deflated, best].map(whole),
    more,
    ...[lst.length, token.length, bytes / COPIES].map(whole),
  ]
}

async function cpu(
  revoked: number[],
  { size, lst, key, rounds }: Encoded & { rounds: number },
): Promise<string[]> {
  const publisher = publisherOf(size, key)
  const publish = (uri: string) => publisher.publish(uri, revoked, new Date())
  let lists = 0
  const measured = [
    await cpuMs(() => encodeStatusList(revoked, size), rounds),
    await cpuMs(() => publish(`${ISSUER}/status/${lists++}`), rounds),
    await cpuMs(() => publish(`${ISSUER}/status/0`), rounds),
    await cpuMs(() => decodeStatusList(lst, MOST_BYTES), rounds),
  ]
  return measured.map(withSpread)
}

function publisherOf(size: number, key: SigningKey) {
  return createStatusPublisher({ issuer: ISSUER, key: () => key, size, ttlSeconds: 5, lifetimeSeconds: 900 })
}
