import { execFile } from 'node:child_process'
import { mkdtemp, readFile, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeEach, describe, expect, test } from 'vitest'
import { checkDraft, type Draft, NOTE_LIMITS } from './notes.ts'
import { fileNotes } from './notes-file.ts'

const draft = (book: string, text = 'Good.'): Draft => {
  const checked = checkDraft({ book, text })
  if ('problems' in checked) throw new Error('not a draft')
  return checked.draft
}

describe('a draft', () => {
  test('is trimmed, and lines end in one way', () => {
    expect(checkDraft({ book: ' Emma ', text: 'a\r\nb\n' })).toEqual({
      draft: { book: 'Emma', text: 'a\nb', checked: true },
    })
  })

  test.each([
    [{ book: '  ', text: 'x' }, { book: 'missing' }],
    [{ book: 'x' }, { text: 'missing' }],
    [
      { book: ['x'], text: { a: 1 } },
      { book: 'missing', text: 'missing' },
    ],
    [{ book: 'x'.repeat(NOTE_LIMITS.book + 1), text: 'x' }, { book: 'long' }],
    [{ book: 'x', text: 'x'.repeat(NOTE_LIMITS.text + 1) }, { text: 'long' }],
    [null, { book: 'missing', text: 'missing' }],
    ['text', { book: 'missing', text: 'missing' }],
  ])('%j is refused', (input, problems) => {
    expect(checkDraft(input)).toEqual({ problems })
  })

  test('may be exactly as long as the limits', () => {
    const longest = { book: 'x'.repeat(NOTE_LIMITS.book), text: 'y'.repeat(NOTE_LIMITS.text) }
    expect(checkDraft(longest)).toEqual({ draft: { ...longest, checked: true } })
  })
})

describe('the file', () => {
  let file: string
  beforeEach(async () => {
    file = join(await mkdtemp(join(tmpdir(), 'notes-')), 'deep', 'notes.json')
  })

  test('starts with the seed, newest first, and keeps it when the first note is added', async () => {
    const seed = [
      { accountId: 'a', id: '1', book: 'Old', text: 't', createdAt: '2026-01-01T00:00:00.000Z' },
      { accountId: 'a', id: '2', book: 'Newer', text: 't', createdAt: '2026-02-01T00:00:00.000Z' },
    ]
    const notes = fileNotes(file, seed)
    await notes.add('a', draft('Newest'))
    expect((await notes.list('a')).map((note) => note.book)).toEqual(['Newest', 'Newer', 'Old'])
  })

  test('outlives the process that wrote it', async () => {
    await fileNotes(file, []).add('a', draft('Emma'))
    expect(await fileNotes(file, []).list('a')).toMatchObject([{ book: 'Emma', text: 'Good.' }])
  })

  test('shows and deletes nothing of another account', async () => {
    const notes = fileNotes(file, [])
    const added = await notes.add('a', draft('Emma'))
    if (added.outcome !== 'added') throw new Error(added.outcome)
    expect(await notes.list('b')).toEqual([])
    expect(await notes.find('b', added.note.id)).toBeUndefined()
    expect(await notes.remove('b', added.note.id)).toBe('unknown')
    expect(await notes.remove('a', added.note.id)).toBe('removed')
    expect(await notes.remove('a', added.note.id)).toBe('unknown')
  })

  test('is full at the limit, for that account only', async () => {
    const seed = Array.from({ length: NOTE_LIMITS.notesPerAccount }, (_, index) => ({
      accountId: 'a',
      id: `${index}`,
      book: 'b',
      text: 't',
      createdAt: '2026-01-01T00:00:00.000Z',
    }))
    const notes = fileNotes(file, seed)
    expect(await notes.add('a', draft('One more'))).toEqual({ outcome: 'full' })
    expect(await notes.add('b', draft('First'))).toMatchObject({ outcome: 'added' })
  })

  test('that is damaged is reported and left as it is', async () => {
    await fileNotes(file, []).add('a', draft('Emma'))
    await writeFile(file, '[{"acc')
    await expect(fileNotes(file, []).add('a', draft('Emma'))).rejects.toThrow('cannot be read')
    expect(await readFile(file, 'utf8')).toBe('[{"acc')
  })

  test('a lock left behind by a killed process is broken', async () => {
    const notes = fileNotes(file, [])
    await notes.add('a', draft('Emma'))
    await writeFile(`${file}.lock`, '')
    const long = new Date(Date.now() - 60_000)
    await utimes(`${file}.lock`, long, long)
    expect(await notes.add('a', draft('Persuasion'))).toMatchObject({ outcome: 'added' })
  })

  test('fifty notes from two processes at once are fifty notes', async () => {
    const write = promisify(execFile)
    const program = `
      const { fileNotes } = await import(${JSON.stringify(new URL('./notes-file.ts', import.meta.url).href)})
      const notes = fileNotes(${JSON.stringify(file)}, [])
      await Promise.all(Array.from({ length: 25 }, (_, n) => notes.add('a', { book: 'b' + n, text: 't', checked: true })))`
    const run = () => write(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program])
    await Promise.all([run(), run()])
    expect(await fileNotes(file, []).list('a')).toHaveLength(50)
  }, 30_000)
})
