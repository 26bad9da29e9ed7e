// What the job costs with nothing around it: node:http, node:crypto and prepared statements, SQLite with `synchronous=FULL`. One client,
// and only what the bench asks for; no library, no pages, no errors worth reading. Nobody should run it: it says what cannot be saved.
import * as crypto from 'node:crypto'
import { createServer } from 'node:http'
import Database from 'better-sqlite3'

const { PORT, DATABASE } = process.env
const { client, account } = JSON.parse(process.env.REGISTRATION)
const issuer = `http://127.0.0.1:${PORT}`
const BASIC = `Basic ${Buffer.from(`${client.id}:${client.secret}`).toString('base64')}`
const HALF_A_DAY_SECONDS = 43_200

const db = new Database(DATABASE)
db.pragma('journal_mode = WAL')
db.pragma('synchronous = FULL')
db.exec(`
  CREATE TABLE IF NOT EXISTS "Account" ("id" TEXT PRIMARY KEY, "claims" TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS "Session" ("id" TEXT PRIMARY KEY, "hash" TEXT NOT NULL, "accountId" TEXT NOT NULL, "expiresAt" INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS "Grant" ("n" INTEGER PRIMARY KEY, "id" TEXT UNIQUE NOT NULL, "sessionId" TEXT NOT NULL,
    "accountId" TEXT NOT NULL, "generation" INTEGER NOT NULL DEFAULT 0, "expiresAt" INTEGER NOT NULL);`)
db.prepare('INSERT OR IGNORE INTO "Account" VALUES (?, ?)').run(
  account.claims.sub,
  JSON.stringify(account.claims),
)
const startSession = db.prepare('INSERT INTO "Session" VALUES (?, ?, ?, ?)')
const findSession = db.prepare(
  'SELECT "Session".*, "claims" FROM "Session" JOIN "Account" ON "Account"."id" = "accountId" WHERE "Session"."id" = ? AND "expiresAt" > ?',
)
const redeem = db.prepare(`
  INSERT INTO "Grant" ("id", "sessionId", "accountId", "expiresAt")
  SELECT ?, "id", "accountId", "expiresAt" FROM "Session" WHERE "id" = ? AND "expiresAt" > ? ON CONFLICT DO NOTHING RETURNING *`)
const rotate = db.prepare(
  'UPDATE "Grant" SET "generation" = "generation" + 1 WHERE "id" = ? AND "generation" = ? AND "expiresAt" > ? RETURNING *',
)
const findGrant = db.prepare(
  'SELECT "Grant".*, "claims" FROM "Grant" JOIN "Account" ON "Account"."id" = "accountId" WHERE "n" = ? AND "expiresAt" > ?',
)

const { privateKey, publicKey } = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' })
const key = crypto.randomBytes(32)
const jwks = JSON.stringify({
  keys: [{ ...publicKey.export({ format: 'jwk' }), kid: '1', alg: 'ES256', use: 'sig' }],
})
const [AT_HEADER, ID_HEADER] = ['at+jwt', 'JWT'].map((typ) => encoded({ alg: 'ES256', typ, kid: '1' }))

const seconds = () => Math.floor(Date.now() / 1000)
const randomId = () => crypto.randomBytes(16).toString('base64url')
const hashOf = (text) => crypto.createHash('sha256').update(text).digest('base64url')
const macOf = (text) => crypto.createHmac('sha256', key).update(text).digest('base64url')
const isSame = (one, other) =>
  one.length === other.length && crypto.timingSafeEqual(Buffer.from(one), Buffer.from(other))

function encoded(value) {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

function signed(header, claims) {
  const text = `${header}.${encoded(claims)}`
  return `${text}.${crypto.sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
}

const known = new Map()
/** What a token of ours says; each is verified once. */
function verified(token) {
  const remembered = known.get(token)
  if (remembered) return remembered.exp > seconds() ? remembered : undefined
  const [header, payload, signature] = token.split('.')
  const text = Buffer.from(`${header}.${payload}`)
  const ecdsa = { key: publicKey, dsaEncoding: 'ieee-p1363' }
  if (!crypto.verify('sha256', text, ecdsa, Buffer.from(signature, 'base64url'))) return undefined
  const claims = JSON.parse(Buffer.from(payload, 'base64url'))
  if (known.size >= 10_000) known.clear()
  known.set(token, claims)
  return claims.exp > seconds() ? claims : undefined
}

function seal(value) {
  const nonce = crypto.randomBytes(12)
  const cipher = crypto.createCipheriv('aes-256-gcm', key, nonce)
  return Buffer.concat([
    nonce,
    cipher.update(JSON.stringify(value)),
    cipher.final(),
    cipher.getAuthTag(),
  ]).toString('base64url')
}

function open(text) {
  const bytes = Buffer.from(text, 'base64url')
  const cipher = crypto
    .createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12))
    .setAuthTag(bytes.subarray(-16))
  return JSON.parse(Buffer.concat([cipher.update(bytes.subarray(12, -16)), cipher.final()]))
}

function tokensOf(grant, { scope, nonce, audience }) {
  const now = seconds()
  const common = { iss: issuer, sub: grant.accountId, iat: now, exp: now + 300, sid: grant.sessionId }
  const refresh = `${grant.id}.${grant.generation}`
  return {
    access_token: signed(AT_HEADER, {
      ...common,
      aud: audience,
      client_id: client.id,
      scope,
      jti: randomId(),
      n: grant.n,
    }),
    id_token: signed(ID_HEADER, { ...common, aud: client.id, nonce }),
    refresh_token: `${refresh}.${macOf(refresh)}`,
    token_type: 'Bearer',
    expires_in: 300,
    scope,
  }
}

const answers = {
  '/authorize': ({ query, cookie }) => {
    const asked = Object.fromEntries(query)
    if (
      asked.client_id !== client.id ||
      asked.redirect_uri !== client.redirectUri ||
      asked.code_challenge_method !== 'S256'
    )
      return { status: 400 }
    const [id = '', secret = ''] = /sso=([^;]*)/.exec(cookie)?.[1].split('.') ?? []
    const session = findSession.get(id, seconds())
    if (!session || !isSame(hashOf(secret), session.hash)) return { status: 303, location: `/login?${query}` }
    const { scope, nonce, resource, code_challenge: challenge } = asked
    const code = seal({
      jti: randomId(),
      sid: id,
      challenge,
      scope,
      nonce,
      audience: resource ?? issuer,
      exp: seconds() + 60,
    })
    const back = new URLSearchParams({ code, state: asked.state ?? '', iss: issuer })
    return { status: 303, location: `${client.redirectUri}?${back}` }
  },

  // The password is right: what it costs to find out is another comparison.
  '/login': ({ query }) => {
    const [id, secret] = [randomId(), randomId()]
    startSession.run(id, hashOf(secret), account.claims.sub, seconds() + HALF_A_DAY_SECONDS)
    return {
      status: 303,
      location: `/authorize?${query}`,
      cookie: `sso=${id}.${secret}; Path=/; HttpOnly; SameSite=Lax`,
    }
  },

  '/token': ({ form, authorization }) => {
    if (!isSame(authorization, BASIC)) return { status: 401 }
    if (form.get('grant_type') === 'refresh_token') {
      const [id, generation, mac] = form.get('refresh_token').split('.')
      if (!isSame(macOf(`${id}.${generation}`), mac)) return { status: 400 }
      const grant = rotate.get(id, Number(generation), seconds())
      return grant
        ? { json: tokensOf(grant, { scope: 'openid', audience: client.resource }) }
        : { status: 400 }
    }
    const code = open(form.get('code'))
    if (code.exp <= seconds() || hashOf(form.get('code_verifier')) !== code.challenge) return { status: 400 }
    const grant = redeem.get(code.jti, code.sid, seconds())
    return grant ? { json: tokensOf(grant, code) } : { status: 400 }
  },

  '/userinfo': ({ authorization }) => {
    const claims = verified(authorization.slice('Bearer '.length))
    const grant = claims && findGrant.get(claims.n, seconds())
    return grant ? { json: JSON.parse(grant.claims) } : { status: 401 }
  },

  '/introspect': ({ form, authorization }) => {
    if (!isSame(authorization, BASIC)) return { status: 401 }
    const claims = verified(form.get('token'))
    const grant = claims && findGrant.get(claims.n, seconds())
    return { json: grant ? { active: true, ...claims } : { active: false } }
  },

  '/jwks': () => ({ body: jwks }),

  '/.well-known/openid-configuration': () => ({
    json: {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      userinfo_endpoint: `${issuer}/userinfo`,
      introspection_endpoint: `${issuer}/introspect`,
      revocation_endpoint: `${issuer}/revoke`,
      jwks_uri: `${issuer}/jwks`,
    },
  }),
}

const server = createServer((request, response) => {
  const [path, search] = request.url.split('?', 2)
  const { authorization = '', cookie } = request.headers
  const chunks = []
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', () => {
    const query = new URLSearchParams(search)
    const form = new URLSearchParams(Buffer.concat(chunks).toString())
    const {
      status = 200,
      json,
      body = json ? JSON.stringify(json) : '',
      location,
      ...more
    } = answers[path]({ query, form, authorization, cookie })
    response.writeHead(status, {
      'content-length': Buffer.byteLength(body),
      ...(body && { 'content-type': 'application/json' }),
      ...(location && { location }),
      ...(more.cookie && { 'set-cookie': more.cookie }),
    })
    response.end(body)
  })
})
server.listen(Number(PORT), '127.0.0.1')

process.once('SIGTERM', () => {
  server.closeAllConnections()
  server.close(() => {
    db.close()
    process.exit(0)
  })
})
