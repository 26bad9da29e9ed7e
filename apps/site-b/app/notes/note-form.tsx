'use client'
import { useActionState } from 'react'
import { messages } from '../../messages.ts'
import { addNote } from './actions.ts'

const t = messages().notes

/** Works without script too: then the action's answer is a page with the same sentences. */
export function NoteForm() {
  const [state, submit, isKeeping] = useActionState(addNote, {})
  return (
    <form action={submit} className="sheet" noValidate>
      <div className="sheet__field">
        <label htmlFor="book">{t.book}</label>
        <input
          id="book"
          name="book"
          autoComplete="off"
          required
          placeholder={t.bookHint}
          defaultValue={state.typed?.book}
          aria-invalid={state.book !== undefined}
          aria-describedby="book-problem"
        />
        <p id="book-problem" className="problem" role="alert">
          {state.book}
        </p>
      </div>
      <div className="sheet__field">
        <label htmlFor="text">{t.text}</label>
        <textarea
          id="text"
          name="text"
          rows={5}
          required
          defaultValue={state.typed?.text}
          aria-invalid={state.text !== undefined}
          aria-describedby="text-problem"
        />
        <p id="text-problem" className="problem" role="alert">
          {state.text}
        </p>
      </div>
      <button className="button" id="add-note" type="submit" disabled={isKeeping}>
        {isKeeping ? t.adding : t.add}
      </button>
    </form>
  )
}
