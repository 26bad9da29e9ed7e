/** A note a person wrote about a book. */
export interface Note {
  readonly id: string
  readonly book: string
  readonly text: string
  /** ISO 8601, UTC. */
  readonly createdAt: string
}

/** A note that passed `checkDraft`: trimmed, not empty, within the limits. */
export interface Draft {
  readonly book: string
  readonly text: string
  readonly checked: true
}

export const NOTE_LIMITS = { book: 120, text: 2_000, notesPerAccount: 200 } as const

/** Where notes are kept, always for one account: somebody else's note is as unknown as one that never was. */
export interface Notes {
  /** Newest first. */
  list(accountId: string): Promise<Note[]>
  find(accountId: string, noteId: string): Promise<Note | undefined>
  add(accountId: string, draft: Draft): Promise<{ outcome: 'added'; note: Note } | { outcome: 'full' }>
  remove(accountId: string, noteId: string): Promise<'removed' | 'unknown'>
}

export type Problem = 'missing' | 'long'
export type Problems = { readonly book?: Problem; readonly text?: Problem }

/** Checks what came from outside, a form or an API; the only way to make a `Draft`. */
export function checkDraft(input: unknown): { draft: Draft } | { problems: Problems } {
  const fields: { book?: unknown; text?: unknown } = typeof input === 'object' && input !== null ? input : {}
  const book = typeof fields.book === 'string' ? fields.book.trim() : ''
  const text = typeof fields.text === 'string' ? fields.text.replaceAll('\r\n', '\n').trim() : ''
  const problems = { book: problemOf(book, NOTE_LIMITS.book), text: problemOf(text, NOTE_LIMITS.text) }
  return problems.book || problems.text ? { problems } : { draft: { book, text, checked: true } }
}

function problemOf(value: string, limit: number): Problem | undefined {
  if (value === '') return 'missing'
  return value.length > limit ? 'long' : undefined
}
