import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { collectTraces, type SentSpan } from '@grove/traces/testing'
import { describe, expect, test } from 'vitest'
import { newPostgresDatabase } from '../testing/postgres.fixture.ts'
import { openStore } from './index.ts'
import { aGrant, anAccount, aSession, T0 } from './store.fixture.ts'

const folder = await mkdtemp(join(tmpdir(), 'traced-'))
const postgres = await newPostgresDatabase()

traces('sqlite', `file:${join(folder, 'auth.db')}`)
if ('reason' in postgres) test.skip(`the spans of PostgreSQL: ${postgres.reason}`)
else traces('postgresql', postgres.url)

function traces(system: string, url: string): void {
  const childrenOf = (sent: SentSpan[], name: string) => {
    const parent = sent.find((span) => span.name === name)
    return sent.filter(({ parentId }) => parentId === parent?.spanId)
  }

  describe(`the spans of ${system}`, () => {
    test('each statement of a request is one, by operation and table, and nothing else is told', async () => {
      const { tracer, end } = collectTraces()
      const store = await openStore(url, undefined, tracer)
      const account = anAccount()
      const work = { kind: 'server', parent: null } as const
      await tracer.trace({ name: 'login', ...work }, async () => {
        await store.accounts.addMissing([account])
        await store.accounts.findByEmail(account.email)
        await store.sessions.start(aSession(account.id))
      })
      const sent = await end()
      await store.close()
      await rm(folder, { recursive: true, force: true })
      const children = childrenOf(sent, 'login')
      expect(children.map(({ name }) => name)).toEqual(
        expect.arrayContaining([
          'INSERT Account',
          'SELECT Account',
          'BEGIN',
          'INSERT Session',
          'INSERT AuditEvent',
          'COMMIT',
        ]),
      )
      expect(
        children.every(
          ({ kind, attributes }) => kind === 'client' && attributes['db.system.name'] === system,
        ),
      ).toBe(true)
      expect(JSON.stringify(sent)).not.toMatch(/@example\.com|argon2|Alice/)
      expect(sent.filter(({ parentId }) => parentId === undefined)).toHaveLength(1)
    })

    test('many callers of one statement have a span each, in the trace of each, and know how many they were', async () => {
      const { tracer, end } = collectTraces()
      const store = await openStore(url, undefined, tracer)
      const account = anAccount()
      const session = aSession(account.id)
      await store.accounts.addMissing([account])
      await store.sessions.start(session)
      const grants = Array.from({ length: 8 }, () => aGrant(session.id))
      await Promise.all(
        grants.map((grant, n) =>
          tracer.trace({ name: `code ${n}`, kind: 'server', parent: null }, async () => {
            expect((await store.grants.redeem(grant, T0)).outcome).toBe('redeemed')
          }),
        ),
      )
      const sent = await end()
      await store.close()
      const statements = sent.filter(({ name }) => name === 'INSERT Grant')
      expect(new Set(statements.map(({ traceId }) => traceId)).size).toBe(8)
      expect(statements.map(({ attributes }) => attributes['db.operation.batch.size'])).toEqual(
        Array(8).fill(8),
      )
      for (const statement of statements)
        expect(sent.some(({ spanId }) => spanId === statement.parentId)).toBe(true)
    })

    test('what no request waits for is not recorded, and a statement that fails is marked', async () => {
      const { tracer, end } = collectTraces()
      const store = await openStore(url, undefined, tracer)
      await store.sweep(T0)
      await store.ping()
      const nobody = { grantId: 'nobody', clientId: 'alder', generation: 0 }
      expect((await store.grants.rotate(nobody, T0, 10)).outcome).toBe('unknown')
      await store.close()
      await tracer.trace({ name: 'late', kind: 'server', parent: null }, () => store.ping().catch(() => {}))
      const sent = await end()
      expect(sent.map(({ name, hasFailed }) => [name, hasFailed])).toEqual([
        ['SELECT', true],
        ['late', false],
      ])
    })
  })
}
