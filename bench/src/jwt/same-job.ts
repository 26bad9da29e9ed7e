import { jwtVerify } from 'jose'
import type { Contestant, Verify } from './contestants.ts'
import type { Keys } from './keys.ts'
import { REVOKED } from './revocation.ts'
import {
  AUDIENCE,
  claimsOf,
  ISSUER,
  LIFETIME_SECONDS,
  nowSeconds,
  STATUS_URI,
  sign,
  TYPE,
  tokenOf,
} from './tokens.ts'

/** Before anything is timed: a contestant that does not do the whole job would win for nothing. Throws if one does not. */
export async function doesTheJob(contestant: Contestant, keys: Keys): Promise<void> {
  const { name, cold, hot, random } = contestant
  for (const verify of new Set([cold, hot, random]))
    if (verify) await refusesWhatIsWrong(contestant, verify, keys)
  if (!contestant.sign) return
  const text = await contestant.sign(claimsOf(0))
  const options = { issuer: ISSUER, audience: AUDIENCE, typ: TYPE, requiredClaims: ['iat', 'exp', 'status'] }
  const { payload } = await jwtVerify(text, keys.web.verify, options)
  const lifetime = Number(payload.exp) - Number(payload.iat)
  if (lifetime !== LIFETIME_SECONDS) throw new Error(`${name} signs for ${lifetime} seconds`)
}

async function refusesWhatIsWrong({ name, ...does }: Contestant, verify: Verify, keys: Keys): Promise<void> {
  const claims = claimsOf(0)
  const right = tokenOf(keys, claims)
  const wrong = [['a changed signature', withChangedSignature(right)]]
  if (!does.isFloor) wrong.push(...wrongClaims(keys))
  if (does.looksUpRevocation) {
    const status = { status_list: { idx: REVOKED, uri: STATUS_URI } }
    wrong.push(['a revoked token', tokenOf(keys, { ...claims, status })])
  }
  // Twice: the second time from memory, where there is one.
  for (let time = 0; time < 2; time++) {
    if (!(await accepts(verify, right))) throw new Error(`${name} refuses a right ${keys.alg} token`)
    for (const [what, text = ''] of wrong) {
      if (await accepts(verify, text)) throw new Error(`${name} accepts ${what} (${keys.alg})`)
    }
  }
}

function wrongClaims(keys: Keys): string[][] {
  const claims = claimsOf(0)
  const header = { alg: keys.headerAlg, kid: keys.kid, typ: TYPE }
  const past = nowSeconds() - 120
  return [
    ['another issuer', tokenOf(keys, { ...claims, iss: 'https://other.example' })],
    ['another audience', tokenOf(keys, { ...claims, aud: 'https://other.example' })],
    ['another type', tokenOf(keys, claims, { typ: 'JWT' })],
    ['an expired token', sign(keys, header, { ...claims, iat: past - 60, exp: past })],
  ]
}

function withChangedSignature(text: string): string {
  const place = text.lastIndexOf('.') + 10
  return text.slice(0, place) + (text[place] === 'A' ? 'B' : 'A') + text.slice(place + 1)
}

async function accepts(verify: Verify, text: string): Promise<boolean> {
  try {
    await verify(text)
    return true
  } catch {
    return false
  }
}
