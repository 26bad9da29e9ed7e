import { expect, test } from 'vitest'
import { type Subject, T0 } from './store.fixture.ts'

export function auditContract({ store, place, newAccount }: Subject): void {
  test('the events of an account come newest first, and none of another', async () => {
    const { id } = await newAccount()
    const other = await newAccount()
    for (const clientId of ['one', 'two', 'three']) await store.consents.allow(id, clientId, 'openid', T0)
    await store.consents.allow(other.id, 'four', 'openid', T0)
    const events = await store.audit.ofAccount(id, 2)
    expect(events).toEqual([
      { type: 'consent.given', at: T0, clientId: 'three' },
      { type: 'consent.given', at: T0, clientId: 'two' },
    ])
  })

  test('a login that failed is written to the audit log', async () => {
    await store.audit.write({ type: 'login.failed', reason: 'wrong_password', clientId: 'audited' }, T0)
    expect(await place.events('audited')).toEqual(['login.failed'])
  })
}
