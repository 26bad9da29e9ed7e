import { describe, expect, test } from 'vitest'
import { FEWEST_CHARACTERS, problemOf } from './password-rules.ts'
import { hashPassword, isPassword } from './passwords.ts'

const problem = (password: string, about: { email?: string; name?: string } = {}) =>
  problemOf(password, { email: 'alice@example.com', name: undefined, ...about })

describe('6.2.1 6.2.9 length', () => {
  test('is counted in characters, not in units: seven are refused, eight are not', async () => {
    expect(FEWEST_CHARACTERS).toBe(8)
    expect(await problem('🦔🌲🗝🫖🎩🐇♠')).toBe('too_short')
    expect(await problem('🦔🌲🗝🫖🎩🐇♠♦')).toBeUndefined()
    // Decomposed these are sixteen, and yet seven letters and a half.
    expect(await problem('ä'.normalize('NFD').repeat(7))).toBe('too_short')
  })

  test('64 characters pass, and 1,000 bytes; one byte more does not', async () => {
    const words = 'the hatter has 17 kettles and no tea, '.repeat(40)
    expect(await problem(words.slice(0, 64))).toBeUndefined()
    expect(await problem(words.slice(0, 1_000))).toBeUndefined()
    expect(await problem(words.slice(0, 1_001))).toBe('too_long')
  })
})

describe('6.2.4 what is tried first', () => {
  test.each([
    'password',
    '12345678',
    'iloveyou',
    'qwertyuiop',
    'Passw0rd',
    'P@ssword',
    'aaaaaaaa',
    '20112026',
    'abcdefgh',
  ])('%s is refused', async (password) => {
    expect(await problem(password)).toBe('common')
  })

  test('6.2.5 there are no rules about kinds of characters', async () => {
    for (const password of ['tea party in march', 'zwölf boxkämpfer', '三月兎 の お茶会 です'])
      expect(await problem(password)).toBeUndefined()
  })

  test.each([
    ['the email', 'xavier@vanemoor.example', { email: 'xavier@vanemoor.example' }],
    ['what stands before its @', 'carolwhittaker', { email: 'carolwhittaker@example.com' }],
    ['what stands behind it', 'whittaker.example', { email: 'cw@whittaker.example' }],
    ['a part of the name', 'whittaker1', { name: 'Carol Whittaker' }],
  ])('%s of the person is refused, and a stranger’s is not', async (_, password, about) => {
    expect(await problem(password, about)).toBe('common')
    expect(await problem(password)).toBeUndefined()
  })

  test('a long one is judged by its beginning, so that judging it stays short', async () => {
    expect(await problem(`${'a'.repeat(48)} and a walrus`)).toBe('common')
  })
})

describe('6.2.8 exactly what was typed', () => {
  test('NUL is refused: it would end the password for some programs', async () => {
    expect(await problem('tea party\0in march')).toBe('forbidden_character')
  })

  test.each([
    ['a trailing space', 'tea party ', 'tea party'],
    ['byte 73', `${'x'.repeat(72)}a`, `${'x'.repeat(72)}b`],
    ['upper case', 'Tea party', 'tea party'],
  ])('%s makes a difference', async (_, password, other) => {
    const hash = await hashPassword(password)
    expect(await isPassword(password, hash)).toBe(true)
    expect(await isPassword(other, hash)).toBe(false)
  })

  test('NFC and NFD are the same password', async () => {
    const hash = await hashPassword('Märzhase'.normalize('NFD'))
    expect(await isPassword('Märzhase'.normalize('NFC'), hash)).toBe(true)
    expect(await isPassword('Marzhase', hash)).toBe(false)
  })
})
