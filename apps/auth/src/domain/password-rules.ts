import { isTooLong, normalizePassword } from './passwords.ts'

export type PasswordProblem = 'too_short' | 'too_long' | 'forbidden_character' | 'common'

// ASVS 6.2.1. Length is what helps; rules about kinds of characters do not, and there are none (6.2.5).
export const FEWEST_CHARACTERS = 8
// Guessed with fewer than 10^6 tries is 1, and refused. What is longer is judged by its beginning: judging costs time.
const LOWEST_SCORE = 2
const MOST_JUDGED = 48

/** The first rule that a new password breaks. A person's own email and name, and the parts of them, are what a stranger tries first. */
export async function problemOf(
  password: string,
  { email, name }: { email: string; name: string | undefined },
): Promise<PasswordProblem | undefined> {
  const text = normalizePassword(password)
  if (text.includes('\0')) return 'forbidden_character'
  if ([...text].length < FEWEST_CHARACTERS) return 'too_short'
  if (isTooLong(text)) return 'too_long'
  const { check } = await judge()
  const about = [email, ...email.split('@'), ...(name?.split(' ') ?? [])]
  return check(text.slice(0, MOST_JUDGED), about) < LOWEST_SCORE ? 'common' : undefined
}

let judging: ReturnType<typeof loadJudge> | undefined

/** Its lists of common passwords take their place in memory from the first new password on, and not before. */
function judge() {
  judging ??= loadJudge()
  return judging
}

async function loadJudge() {
  const [{ ZxcvbnFactory }, { dictionary, adjacencyGraphs }] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
  ])
  const factory = new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs })
  return { check: (text: string, about: string[]) => factory.check(text, about).score }
}
