import { bytesHeldBy } from '../measure.ts'
import type { Effort } from '../section.ts'
import { printTable, whole } from '../table.ts'
import { fastJwtVerify } from './contestants/fast-jwt.ts'
import { groveVerify } from './contestants/grove.ts'
import type { Verify } from './contestants.ts'
import { keysFor } from './keys.ts'
import { workingSet } from './tokens.ts'

/** What a remembered token takes, with all that is held because of it. */
export async function printMemory({ isQuick }: Effort): Promise<void> {
  const size = isQuick ? 1000 : 10_000
  const keys = await keysFor('ES256')
  const tokens = workingSet(keys, size)
  const verifiers: [string, () => Verify, string][] = [
    [
      '@grove/jwt',
      () => groveVerify(keys, { mostRemembered: size }),
      'text, key, header, claims (frozen), entry',
    ],
    [
      'fast-jwt, with its cache',
      () => fastJwtVerify(keys, size),
      'SHA-256 of the text in hex, claims, entry',
    ],
  ]
  const rows: string[][] = []
  for (const [name, create, includes] of verifiers) {
    const fill = async () => {
      const verify = create()
      await Promise.all(tokens.each().map(verify))
      return verify
    }
    await fill() // once for nothing: what the code takes is not a token's
    const { bytes } = await bytesHeldBy(fill)
    rows.push([name, whole(bytes / size), includes])
  }
  const length = tokens.one(1)[0]?.length ?? 0
  printTable(
    `Bytes of memory per remembered token, ${whole(size)} ES256 tokens of ${length} characters, each in a string of its own`,
    ['', 'bytes', 'what that includes'],
    rows,
  )
}
