import seed from './notes.seed.json' with { type: 'json' }
import type { Notes } from './notes.ts'
import { fileNotes } from './notes-file.ts'
import { notesFile } from './sso.ts'

/** The notes of this site. */
export const notebook: Notes = fileNotes(notesFile, seed)
