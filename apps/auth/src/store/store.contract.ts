import { afterAll, describe, expect, test } from 'vitest'
import { accountsContract } from './accounts.contract.ts'
import { auditContract } from './audit.contract.ts'
import { codesContract } from './codes.contract.ts'
import { consentsContract } from './consents.contract.ts'
import { devicesContract } from './devices.contract.ts'
import { grantsContract } from './grants.contract.ts'
import { logoutsContract } from './logouts.contract.ts'
import { rateLimitsContract } from './rate-limits.contract.ts'
import { refreshTokensContract } from './refresh-tokens.contract.ts'
import { sessionsContract } from './sessions.contract.ts'
import { signingKeysContract } from './signing-keys.contract.ts'
import { after, aGrant, openSubject, type Place, type Subject } from './store.fixture.ts'
import { sweepContract } from './sweep.contract.ts'

/** One file for each concept. */
const CONTRACTS = [
  accountsContract,
  consentsContract,
  devicesContract,
  auditContract,
  sessionsContract,
  codesContract,
  refreshTokensContract,
  grantsContract,
  logoutsContract,
  rateLimitsContract,
  signingKeysContract,
  sweepContract,
  durabilityContract,
]

/** What every implementation of the ports keeps. */
export async function storeContract(name: string, place: Place): Promise<void> {
  const subject = await openSubject(place)
  describe(name, () => {
    afterAll(async () => {
      await subject.store.close()
      await place.remove()
    })
    for (const contract of CONTRACTS) contract(subject)
  })
}

function durabilityContract({ place, store, newGrant }: Subject): void {
  test('what one store did, another that is opened later knows', async () => {
    const grant = await newGrant()
    const soon = new Date(Date.now() + 60_000)
    expect(await store.usedTokens.spend('known', soon)).toBe(true)
    const later = await place.open()
    expect((await later.grants.redeem(aGrant(grant.sessionId, { id: grant.id }), after(2))).outcome).toBe(
      'used',
    )
    expect(await later.usedTokens.spend('known', soon)).toBe(false)
    await later.close()
    expect(await store.grants.find(grant.id, after(2))).toBeUndefined()
  })
}
