'use server'
import { redirect } from 'next/navigation'
import { messages } from '../../messages.ts'
import { notebook } from '../../notebook.ts'
import { checkDraft, NOTE_LIMITS } from '../../notes.ts'
import { sso } from '../../sso.ts'

/** What the form shows again: a sentence for each field that is not right, and what was typed. */
export interface NoteFormState {
  readonly book?: string
  readonly text?: string
  readonly typed?: { readonly book: string; readonly text: string }
}

/** Keeps a note for the signed-in person. An action is an address of its own, so it checks for itself who calls. */
export async function addNote(_before: NoteFormState, form: FormData): Promise<NoteFormState> {
  const { user } = await sso.requireSession({ returnTo: '/notes' })
  const t = messages().notes
  const typed = { book: String(form.get('book') ?? ''), text: String(form.get('text') ?? '') }
  const checked = checkDraft(typed)
  if ('problems' in checked) {
    const { book, text } = checked.problems
    return { book: book && t.problems.book[book], text: text && t.problems.text[text], typed }
  }
  const { outcome } = await notebook.add(user.id, checked.draft)
  if (outcome === 'full') return { text: t.full(NOTE_LIMITS.notesPerAccount), typed }
  redirect('/notes')
}

/** Deletes a note of the signed-in person; one that is gone already, or is not theirs, changes nothing. */
export async function deleteNote(form: FormData): Promise<void> {
  const { user } = await sso.requireSession({ returnTo: '/notes' })
  await notebook.remove(user.id, String(form.get('id') ?? ''))
  redirect('/notes')
}
