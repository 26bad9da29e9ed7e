import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openKeyring } from '../domain/keyring.ts'
import { createRefreshTokens } from '../domain/refresh-tokens.ts'
import { hashSecret, randomId } from '../domain/secrets.ts'
import { openConnection } from '../store/connection.ts'
import { openStore } from '../store/index.ts'
import { AFTER_SWEEP, INVARIANTS } from './oracle.invariants.ts'
import { askOracle, type Witness } from './oracle.ts'

const SECRETS = ['a secret for tests that is long enough']
const NOW = new Date('2026-11-23T09:00:00.000Z')
const after = (seconds: number) => new Date(NOW.getTime() + seconds * 1000)
const WITNESS: Witness = { now: after(60), told: ['alder'], secrets: ['wonderland-1865'] }

let folder: string
let sound: string
/** A session that lives with a grant that was refreshed, one that has ended, and one with a grant that was revoked. */
const [living, ended, left] = ['living', 'ended', 'left'].map((name) => `session-${name}`) as [
  string,
  string,
  string,
]
const grants = { living: randomId(), ended: randomId(), left: randomId() }

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oracle-'))
  sound = join(folder, 'sound.db')
  const store = await openStore(`file:${sound}`)
  await openKeyring(store.keys, SECRETS, NOW)
  const passwordHash = '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA'
  await store.accounts.addMissing([{ id: 'acc_alice', email: 'alice@example.com', passwordHash, claims: {} }])
  for (const [id, grantId] of [
    [living, grants.living],
    [ended, grants.ended],
    [left, grants.left],
  ] as const) {
    const session = { id, secretHash: hashSecret(id), accountId: 'acc_alice', authenticatedAt: NOW }
    await store.sessions.start({ ...session, loginClientId: 'alder', expiresAt: after(3600), passwordHash })
    const grant = { id: grantId, sessionId: id, clientId: 'alder', scope: 'openid', resources: [] }
    await store.grants.redeem({ ...grant, authenticatedAt: NOW }, NOW)
  }
  await store.grants.rotate({ grantId: grants.living, generation: 0, clientId: 'alder' }, after(5), 10)
  await store.grants.revoke(grants.left, 'alder', after(6))
  await store.sessions.end(ended, new Set(['alder']), after(7))
  await store.close()
}, 30_000)
afterAll(() => rm(folder, { recursive: true }))

test('a sound database breaks nothing', async () => {
  expect(await askOracle(`file:${sound}`, WITNESS)).toEqual([])
})

/** What somebody does to a copy of it, and what the oracle then says. */
const plants: [does: string, sql: string, says: string[], witness?: Witness][] = [
  [
    'the grant of one code twice',
    `DROP INDEX "Grant_id_key"; INSERT INTO "Grant" SELECT 99, ${columns('"id"')} FROM "Grant" WHERE "id" = '${grants.living}'`,
    ['1 a code gave two grants'],
  ],
  [
    'a code used twice whose grant lives',
    event('code.reused', 'grantId', grants.living),
    ['1 a code was used twice and what it gave lives', '7 the end of a grant is not in the log once'],
  ],
  [
    'a refresh token used twice whose family lives',
    event('refresh.reused', 'grantId', grants.living),
    ['2 a refresh token was used twice and its family lives', '7 the end of a grant is not in the log once'],
  ],
  [
    'a refresh after the end of its family',
    `UPDATE "Grant" SET "generation" = 3, "rotatedAt" = '2026-11-23T09:00:40.000+00:00' WHERE "id" = '${grants.left}'`,
    ['2 a family went on after its end'],
  ],
  [
    'a generation without a rotation',
    `UPDATE "Grant" SET "rotatedAt" = NULL WHERE "id" = '${grants.living}'`,
    ['2 a generation has no rotation, or a rotation no generation'],
  ],
  [
    'a grant that outlived the logout',
    `UPDATE "Grant" SET "revokedAt" = NULL WHERE "id" = '${grants.ended}'`,
    ['3 a grant lives whose session is over'],
  ],
  [
    'a grant that ends after its session',
    `UPDATE "Grant" SET "expiresAt" = '2027-01-01T00:00:00.000+00:00' WHERE "id" = '${grants.living}'`,
    ['3 a grant is of another account than its session, or ends later'],
  ],
  [
    'a grant whose session is gone',
    `PRAGMA foreign_keys = OFF; DELETE FROM "Session" WHERE "id" = '${living}'`,
    ['0 Grant 1 refers to nothing', '3 a grant has no session'],
  ],
  [
    'sessions whose account is gone',
    `PRAGMA foreign_keys = OFF; DELETE FROM "Account"`,
    [...Array(3).fill('0 Session refers to nothing'), ...Array(3).fill('3 a session has no account')],
  ],
  [
    'a logout that nobody is owed',
    `DELETE FROM "LogoutDelivery"`,
    ['4 a client is not owed the logout of a session it took part in'],
  ],
  [
    'a logout that is lost without a reason',
    `UPDATE "LogoutDelivery" SET "dueAt" = NULL`,
    ['4 a logout is neither delivered nor due nor given up with a reason, or several of it'],
  ],
  [
    'two current keys',
    `UPDATE "SigningKey" SET "state" = 'current' WHERE "state" = 'next' AND "algorithm" = 'ES256'`,
    ['5 there is not exactly one current key, and one next at most'],
  ],
  [
    'no key for an algorithm',
    `DELETE FROM "SigningKey" WHERE "algorithm" = 'Ed25519'`,
    ['5 there is not exactly one current key, and one next at most'],
  ],
  [
    'a private member in a public key',
    `UPDATE "SigningKey" SET "publicJwk" = json_set("publicJwk", '$.d', 'x') WHERE "algorithm" = 'RS256' AND "state" = 'current'`,
    ['5 the public half of a key is not public'],
  ],
  [
    'a token of a key that is gone',
    '',
    ["5 a living token's key is not published: gone"],
    { keyIds: ['gone'] },
  ],
  [
    'a session secret as it is',
    `UPDATE "Session" SET "secretHash" = 'the secret itself' WHERE "id" = '${living}'`,
    ['6 the secret of a session is not hashed'],
  ],
  [
    'a password as it is',
    `UPDATE "Account" SET "passwordHash" = 'wonderland-1865'`,
    ['6 a password is not hashed with argon2id', '6 a secret stands in Account.passwordHash'],
  ],
  [
    'a private key as it is',
    `UPDATE "SigningKey" SET "sealedPrivateKey" = '{"kty":"EC","d":"x"}' WHERE "algorithm" = 'RS256' AND "state" = 'current'`,
    ['6 a private key is not sealed'],
  ],
  [
    'a refresh token in the table of grants',
    `UPDATE "Grant" SET "scope" = '${createRefreshTokens(SECRETS).make(grants.living, 1)}' WHERE "id" = '${grants.living}'`,
    ['6 a secret stands in Grant.scope'],
  ],
  [
    'a password in the log',
    `UPDATE "AuditEvent" SET "reason" = 'not wonderland-1865' WHERE "type" = 'session.ended'`,
    ['7 a secret stands in AuditEvent.reason'],
  ],
  [
    'a login without its event',
    `DELETE FROM "AuditEvent" WHERE "type" = 'login.succeeded' AND "sessionId" = '${left}'`,
    ['7 a login is not in the log'],
  ],
  [
    'a logout without its event',
    `DELETE FROM "AuditEvent" WHERE "type" = 'session.ended'`,
    ['7 the end of a session is not in the log once'],
  ],
  [
    'a logout in the log that was none',
    event('session.ended', 'sessionId', living),
    ['7 the end of a session is not in the log once'],
  ],
  [
    'a revocation without its event',
    `DELETE FROM "AuditEvent" WHERE "type" = 'grant.revoked'`,
    ['7 the end of a grant is not in the log once'],
  ],
  [
    'a revocation twice in the log',
    event('grant.revoked', 'grantId', grants.left),
    ['7 the end of a grant is not in the log once'],
  ],
  [
    'a delivery without its event',
    `UPDATE "LogoutDelivery" SET "deliveredAt" = "createdAt", "dueAt" = NULL`,
    ['7 a delivered logout is not in the log'],
  ],
  [
    'a key without its birth',
    `DELETE FROM "AuditEvent" WHERE "type" = 'key.created' AND "n" = 1`,
    ['7 the birth of a key is not in the log once'],
  ],
  [
    'what the sweep should have taken',
    `INSERT INTO "UsedToken" VALUES ('spent', '2026-11-23T09:00:00.000+00:00');
     INSERT INTO "RateLimit" ("key", "count", "expiresAt") VALUES ('counted', 1, '2026-11-23T09:00:00.000+00:00');
     UPDATE "LogoutDelivery" SET "createdAt" = '2026-11-01T00:00:00.000+00:00', "dueAt" = NULL, "reason" = 'gave up';
     UPDATE "AuditEvent" SET "at" = '2026-01-01T00:00:00.000+00:00' WHERE "n" = 1;
     UPDATE "Grant" SET "expiresAt" = '2026-11-01T00:00:00.000+00:00' WHERE "id" = '${grants.left}';
     UPDATE "Session" SET "expiresAt" = '2026-11-01T00:00:00.000+00:00' WHERE "id" = '${left}'`,
    AFTER_SWEEP.map(({ broken }) => `8 ${broken}: 1`),
    { hasSwept: true },
  ],
]

test.each(plants)('§12 the oracle sees %s', async (does, sql, says, witness) => {
  const copy = join(folder, `${does.replaceAll(/\W/g, '-')}.db`)
  const original = await openConnection(`file:${sound}`)
  await original.executeScript(`VACUUM INTO '${copy}'`) // the file and its log
  await original.dispose()
  const connection = await openConnection(`file:${copy}`)
  await connection.executeScript(sql)
  await connection.dispose()
  const said = await askOracle(`file:${copy}`, { ...WITNESS, ...witness })
  expect(said).toEqual(says.map((sentence) => expect.stringMatching(patternOf(sentence))))
})

test('each invariant has a database that breaks it', () => {
  const said = plants.flatMap(([, , says]) => says).join()
  expect([...INVARIANTS, ...AFTER_SWEEP].filter(({ broken }) => !said.includes(broken))).toEqual([])
})

/** A sentence, with what it is about after it or within. */
function patternOf(sentence: string): RegExp {
  return new RegExp(
    `^${sentence.replaceAll(/[.*?()]/g, '\\$&').replace(' refers', '( \\d+)? refers')}(: .+)?$`,
  )
}

function event(type: string, column: string, about: string): string {
  return `INSERT INTO "AuditEvent" ("at", "type", "${column}") VALUES ('2026-11-23T09:00:10.000+00:00', '${type}', '${about}')`
}

function columns(id: string): string {
  const others = [
    'sessionId',
    'accountId',
    'clientId',
    'scope',
    'resources',
    'authenticatedAt',
    'loginClientId',
    'generation',
  ]
  const late = ['rotatedAt', 'expiresAt', 'revokedAt', 'boundTo', 'claims', 'redeemedAt']
  return [id, ...[...others, ...late].map((name) => `"${name}"`)].join(', ')
}
