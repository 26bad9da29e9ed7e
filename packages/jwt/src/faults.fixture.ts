import { AccessToken } from './index.ts'

/** As an access token, but good for a day, so that hours may pass. */
export const DayToken: typeof AccessToken = { ...AccessToken, maxAgeSeconds: 86_400 }

/** A second by the wall is an hour by this clock. Two processes that start it at the same moment agree. */
export function fastClock(startedAt: number): () => Date {
  return () => new Date(startedAt + (Date.now() - startedAt) * 3600)
}
