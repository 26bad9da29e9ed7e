import { fetchBounded, type Session } from '@grove/site'
import { birch } from './sso.ts'

export interface Note {
  id: string
  book: string
  text: string
  createdAt: string
}
export type Notes = { outcome: 'read'; notes: Note[] } | { outcome: 'unreachable' }
/** `refused` holds Birch's answer, which says what it wants (RFC 9470). */
export type WholeJournal = Notes | { outcome: 'refused'; response: Response }

const PATIENCE_MILLISECONDS = 2000

/** The person's notes, read from Birch's API by this server with the person's own token, whose audience is both sites. */
export function readNotesAtBirch(session: Session): Promise<Notes> {
  return reading(async () => await readNotes(await askBirch(session, '/api/notes')))
}

/** All of the journal, which Birch hands out only after a recent login. */
export function exportNotesOfBirch(session: Session): Promise<WholeJournal> {
  return reading(async () => {
    const response = await askBirch(session, '/api/notes/export')
    return response.status === 401 ? { outcome: 'refused', response } : await readNotes(response)
  })
}

async function askBirch(session: Session, path: string): Promise<Response> {
  return await fetchBounded(new URL(path, birch.internalUrl), {
    headers: { authorization: `Bearer ${session.accessToken()}` },
    cache: 'no-store',
    redirect: 'error', // a token is never carried on to wherever an answer points
    signal: AbortSignal.timeout(PATIENCE_MILLISECONDS),
  })
}

async function readNotes(response: Response): Promise<Notes> {
  if (!response.ok) throw new Error(`Birch answered ${response.status}`)
  return { outcome: 'read', notes: parseNotes(await response.json()) }
}

async function reading<Outcome>(read: () => Promise<Outcome>): Promise<Outcome | { outcome: 'unreachable' }> {
  try {
    return await read()
  } catch (error) {
    console.warn('notes of Birch:', error instanceof Error ? error.message : error)
    return { outcome: 'unreachable' }
  }
}

function parseNotes(body: unknown): Note[] {
  if (typeof body !== 'object' || body === null || !('notes' in body) || !Array.isArray(body.notes)) {
    throw new Error('Birch answered without a list of notes')
  }
  return body.notes.filter(isNote)
}

function isNote(value: unknown): value is Note {
  const note = value as Partial<Note> | null // unknown data, looked at member by member
  return [note?.id, note?.book, note?.text, note?.createdAt].every((member) => typeof member === 'string')
}
