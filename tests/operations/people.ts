import {
  askOracle,
  Browser,
  errorOf,
  ISSUER,
  redeem,
  refresh,
  secretOf,
  type Tokens,
  tokensIn,
  userinfo,
} from '@grove/auth/testing'
import { expect } from 'vitest'
import type { House } from './house.ts'

export async function kids({ provider }: House): Promise<string[]> {
  const { keys } = await (await provider.fetch(`${ISSUER}/jwks`)).json()
  return keys.map(({ kid }: { kid: string }) => kid)
}

export const kidOf = (token: string): string =>
  JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid

/** Somebody who is signed in, with what the browser and the site hold. */
export async function signsIn(house: House, person: 'alice' | 'bob' = 'alice') {
  const browser = new Browser(house.provider)
  return { browser, tokens: await browser.tokens('alder', { person }) }
}

export async function refreshed(house: House, { refresh_token }: Tokens): Promise<Tokens> {
  const answer = await refresh(house.provider, 'alder', refresh_token)
  expect(answer.status).toBe(200)
  return await tokensIn(answer)
}

/** How a browser fares that asks silently: `signed in` or the error. */
export async function silently(browser: Browser): Promise<string> {
  const answer = await browser.authorize('alder', { prompt: 'none' })
  const query = new URL(answer.headers.get('location') ?? 'about:blank').searchParams
  return query.get('error') ?? (query.has('code') ? 'signed in' : 'neither')
}

export interface Before {
  browsers: Browser[]
  all: Tokens[]
  codes: string[]
  keyIds: string[]
}

/** Nothing of before is good for anything, and whoever logs in is as well off as ever. */
export async function isDead(house: House, { browsers, all, codes, keyIds }: Before): Promise<void> {
  for (const browser of browsers) expect(await silently(browser)).toBe('login_required')
  for (const { refresh_token, access_token } of all) {
    expect(await errorOf(await refresh(house.provider, 'alder', refresh_token))).toBe('400 invalid_grant')
    expect((await userinfo(house.provider, access_token)).status).toBe(401)
  }
  for (const code of codes)
    expect(await errorOf(await redeem(house.provider, 'alder', code))).toBe('400 invalid_grant')
  for (const kid of await kids(house)) expect(keyIds).not.toContain(kid)
  const { browser, tokens } = await signsIn(house)
  expect((await userinfo(house.provider, (await refreshed(house, tokens)).access_token)).status).toBe(200)
  expect(await silently(browser)).toBe('signed in')
  const secrets = [...all, tokens].map(({ refresh_token }) => refresh_token)
  const { DATABASE_URL = '' } = house.settings
  const witness = { told: ['alder', 'birch'], secrets: [...secrets, secretOf('alder')] }
  expect(await askOracle(DATABASE_URL, witness)).toEqual([])
}

/** People who sign in and refresh until they are told to stop; returns how often they did. */
export function crowd(house: House): () => Promise<number> {
  let isOver = false
  const people = Array.from({ length: 2 }, async () => {
    let count = 0
    for (let { tokens } = await signsIn(house, 'bob'); !isOver; count += 1)
      tokens = count % 5 === 4 ? (await signsIn(house, 'bob')).tokens : await refreshed(house, tokens)
    return count
  })
  return async () => {
    isOver = true
    return (await Promise.all(people)).reduce((all, count) => all + count, 0)
  }
}
