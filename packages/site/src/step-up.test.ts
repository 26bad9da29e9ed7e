import { describe, expect, test } from 'vitest'
import { mayStepUp, wantedLoginAge } from './step-up.ts'

const refusal = (challenge: string, status = 401) =>
  new Response(null, { status, headers: { 'www-authenticate': challenge } })

const INSUFFICIENT = 'error="insufficient_user_authentication"'

describe('SU-2: what an API asks for (RFC 9470 §3)', () => {
  test.each([
    ['as our own kit says it', `Bearer realm="https://b.example", ${INSUFFICIENT}, max_age="300"`, 300],
    [
      'in the words of the RFC',
      `Bearer ${INSUFFICIENT}, error_description="A more recent login is wanted", max_age="5"`,
      5,
    ],
    ['without quotes', 'Bearer error=insufficient_user_authentication, max_age=60', 60],
    ['for a bound token, after another challenge', `Basic realm="x", DPoP ${INSUFFICIENT}, max_age="0"`, 0],
  ])('%s', (_, challenge, seconds) => {
    expect(wantedLoginAge(refusal(challenge))).toBe(seconds)
  })

  test.each([
    ['another error', 'Bearer error="invalid_token", max_age="300"'],
    ['no age', `Bearer ${INSUFFICIENT}`],
    ['another level, which a login cannot give here', `Bearer ${INSUFFICIENT}, acr_values="gold"`],
    ['an age that is none', `Bearer ${INSUFFICIENT}, max_age="-1"`],
    ['an age out of all bounds', `Bearer ${INSUFFICIENT}, max_age="999999999"`],
    [
      'words of a description',
      `Bearer error="invalid_token", error_description="${'x'} max_age=5, error=no"`,
    ],
    ['an age inside a description', `Bearer ${INSUFFICIENT}, error_description="not max_age=5"`],
    ['nothing', ''],
  ])('nothing that a login could give: %s', (_, challenge) => {
    expect(wantedLoginAge(refusal(challenge))).toBeUndefined()
  })

  test('only a 401 asks', () => {
    expect(wantedLoginAge(refusal(`Bearer ${INSUFFICIENT}, max_age="300"`, 403))).toBeUndefined()
    expect(wantedLoginAge(new Response(null, { status: 401 }))).toBeUndefined()
  })
})

test('SU-2, pain 21: who has just logged in is not sent to log in again', () => {
  const signedInAt = new Date('2026-11-25T12:00:00Z')
  const after = (seconds: number) => new Date(signedInAt.getTime() + seconds * 1000)
  expect(mayStepUp({ signedInAt }, after(301))).toBe(true)
  expect(mayStepUp({ signedInAt }, after(61))).toBe(true)
  expect(mayStepUp({ signedInAt }, after(60))).toBe(false)
  // The clock of the provider may be ahead.
  expect(mayStepUp({ signedInAt }, after(-5))).toBe(false)
})
