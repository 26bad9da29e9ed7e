import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestIssuer, type TestIssuer } from '@grove/site/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'

const ISSUER = 'http://auth.localhost:4000'
const SITE_URL = 'http://site-b.localhost:4002'
const ADDRESS = `${SITE_URL}/api/notes`
const secret = 'a secret of a test that is long enough to be one'

let folder: string
let issuer: TestIssuer
let list: (request: Request) => Promise<Response>
let add: (request: Request) => Promise<Response>
let takeAll: (request: Request) => Promise<Response>
let remove: (request: Request, noteId: string) => Promise<Response>
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'notes-api-'))
  issuer = await createTestIssuer({ issuer: ISSUER })
  vi.stubGlobal('fetch', issuer.fetch)
  const settings = { CLIENT_SECRET: secret, SESSION_SECRET: secret, NOTES_FILE: join(folder, 'notes.json') }
  for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value)
  // Only now: the site reads its settings when it is loaded.
  const notes = await import('./app/api/notes/route.ts')
  const note = await import('./app/api/notes/[id]/route.ts')
  const journal = await import('./app/api/notes/export/route.ts')
  takeAll = journal.GET
  list = notes.GET
  add = notes.POST
  remove = (request, id) => note.DELETE(request, { params: Promise.resolve({ id }) })
})
afterAll(async () => {
  vi.unstubAllGlobals()
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true })
})

/** A request with the token of this person, with this scope. */
async function as(
  sub: string,
  scope: string,
  init: RequestInit = {},
  loggedInSecondsAgo = 0,
): Promise<Request> {
  const options = {
    siteUrl: SITE_URL,
    issuer: ISSUER,
    clientId: 'cedar',
    clientSecret: secret,
    secrets: [secret],
  }
  const auth_time = Math.floor(Date.now() / 1000) - loggedInSecondsAgo
  const token = await issuer.accessToken(options, { sub, scope, auth_time })
  return new Request(ADDRESS, { ...init, headers: { ...init.headers, authorization: `Bearer ${token}` } })
}
const draft = {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ book: 'Emma', text: 'Good.' }),
}
const notesOf = async (sub: string): Promise<{ id: string }[]> =>
  (await (await list(await as(sub, 'notes'))).json()).notes

describe('AT-11: whose note it is and what the token may do are both asked', () => {
  let noteId: string
  beforeEach(async () => {
    const added = await add(await as('ann', 'openid notes', draft))
    expect(added.status).toBe(201)
    noteId = (await added.json()).id
  })

  test('the right scope is not enough for a note of somebody else: it is as unknown as one that never was', async () => {
    expect(await notesOf('ben')).toEqual([])
    const foreign = await remove(await as('ben', 'notes', { method: 'DELETE' }), noteId)
    const invented = await remove(await as('ben', 'notes', { method: 'DELETE' }), 'never-was')
    expect([foreign.status, invented.status]).toEqual([404, 404])
    expect(await foreign.json()).toEqual(await invented.json())
    expect(await notesOf('ann')).toContainEqual(expect.objectContaining({ id: noteId }))
  })

  test('the right person is not enough without the scope', async () => {
    for (const scope of ['openid', 'openid profile notes.read', 'note', 'NOTES', 'notesnotes']) {
      const answers = [
        await list(await as('ann', scope)),
        await add(await as('ann', scope, draft)),
        await remove(await as('ann', scope, { method: 'DELETE' }), noteId),
      ]
      expect(
        answers.map(({ status }) => status),
        scope,
      ).toEqual([403, 403, 403])
    }
    expect(await notesOf('ann')).toContainEqual(expect.objectContaining({ id: noteId }))
  })

  test('both together are', async () => {
    const removed = await remove(await as('ann', 'openid notes', { method: 'DELETE' }), noteId)
    expect(removed.status).toBe(204)
    expect(await notesOf('ann')).not.toContainEqual(expect.objectContaining({ id: noteId }))
  })
})

describe('SU-1: a whole journal leaves only after a recent login', () => {
  test('all notes of the caller, as a file', async () => {
    await add(await as('eve', 'notes', draft))
    const answer = await takeAll(await as('eve', 'notes', {}, 290))
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-disposition')).toContain('birch-notes.json')
    expect((await answer.json()).notes).toMatchObject([{ book: 'Emma' }])
  })

  test('a login of five minutes ago gets the challenge of RFC 9470, and no note', async () => {
    const answer = await takeAll(await as('eve', 'notes', {}, 310))
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toContain('error="insufficient_user_authentication"')
    expect(answer.headers.get('www-authenticate')).toContain('max_age="300"')
    expect(await answer.text()).not.toContain('Emma')
  })

  test('the scope is asked for as well', async () => {
    expect((await takeAll(await as('eve', 'openid'))).status).toBe(403)
  })
})
