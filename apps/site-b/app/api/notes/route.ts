import { notebook } from '../../../notebook.ts'
import { checkDraft, NOTE_LIMITS } from '../../../notes.ts'
import { sso } from '../../../sso.ts'
import { json, readJson, refusal } from '../json.ts'

/** The caller's notes, newest first. */
async function list(request: Request): Promise<Response> {
  const caller = await sso.apiSession(request, { scope: 'notes' })
  if ('response' in caller) return caller.response
  return json({ notes: await notebook.list(caller.session.user.id) })
}

/** Keeps a note `{ book, text }`: 201 with the note; 409 when the journal is full. */
async function add(request: Request): Promise<Response> {
  const caller = await sso.apiSession(request, { scope: 'notes' })
  if ('response' in caller) return caller.response
  const read = await readJson(request)
  if ('response' in read) return read.response
  const checked = checkDraft(read.body)
  if ('problems' in checked) {
    const names = Object.entries(checked.problems).flatMap(([field, problem]) =>
      problem ? `${field} is ${problem}` : [],
    )
    const rule = `book: 1 to ${NOTE_LIMITS.book} letters, text: 1 to ${NOTE_LIMITS.text}`
    return refusal(400, 'invalid_note', `${names.join(', ')} (${rule}).`)
  }
  const kept = await notebook.add(caller.session.user.id, checked.draft)
  if (kept.outcome === 'full') return refusal(409, 'full', `At most ${NOTE_LIMITS.notesPerAccount} notes.`)
  return json(kept.note, 201)
}

export const { GET, POST, OPTIONS } = sso.cors({ GET: list, POST: add })
