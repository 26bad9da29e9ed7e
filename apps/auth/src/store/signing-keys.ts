import { PrismaClientKnownRequestError } from '@prisma/client/runtime/client'
import type { KeyChange, KeyState, SigningKeyStore, StoredKey } from '../domain/signing-keys.ts'
import { writeEvent } from './audit.ts'
import type { Database } from './database.ts'
import type { Prisma, SigningKey } from './generated/sqlite/client.ts'

/** Another process changed the key set first. */
class KeysChanged extends Error {}

/** What each change starts from and leads to. */
const MOVES = {
  promote: { from: 'next', to: 'current', event: 'key.promoted' },
  retire: { from: 'current', to: 'retiring', event: 'key.retired' },
  drop: { from: 'retiring', to: null, event: 'key.dropped' },
  withdraw: { from: undefined, to: null, event: 'key.withdrawn' },
} as const

export function signingKeyStore({ prisma, locks, transact }: Database): SigningKeyStore {
  return {
    async all() {
      const rows = await prisma.signingKey.findMany({ orderBy: { since: 'asc' } })
      return rows.map(toStoredKey)
    },

    async apply(changes) {
      try {
        await transact(async (tx) => {
          await locks.signingKeys(tx)
          for (const change of changes) await carryOut(tx, change)
        })
        return true
      } catch (error) {
        if (error instanceof KeysChanged || isTaken(error)) return false
        throw error
      }
    },
  }
}

async function carryOut(tx: Prisma.TransactionClient, change: KeyChange): Promise<void> {
  if (change.change === 'add') {
    const { key } = change
    // A JWK is JSON.
    const publicJwk = key.publicJwk as Prisma.InputJsonObject
    await tx.signingKey.create({ data: { ...key, publicJwk, slot: slotOf(key.algorithm, key.state) } })
    return writeEvent(tx, { type: 'key.created', keyId: key.id }, key.since)
  }

  const { keyId, at } = change
  const { from, to, event } = MOVES[change.change]
  const key = await tx.signingKey.findUnique({ where: { id: keyId, ...(from && { state: from }) } })
  if (!key) throw new KeysChanged()
  if (to === null) await tx.signingKey.delete({ where: { id: keyId } })
  else {
    const data = { state: to, since: at, slot: slotOf(key.algorithm, to) }
    await tx.signingKey.update({ where: { id: keyId }, data })
  }
  await writeEvent(tx, { type: event, keyId }, at)
}

/** Unique: for one algorithm there is one current and one next key at most. */
function slotOf(algorithm: string, state: KeyState): string | null {
  return state === 'retiring' ? null : `${algorithm}:${state}`
}

function isTaken(error: unknown): boolean {
  return error instanceof PrismaClientKnownRequestError && error.code === 'P2002'
}

function toStoredKey({ slot: _, ...row }: SigningKey): StoredKey {
  // Only `apply` writes these rows, and it takes the same types.
  return row as StoredKey
}
