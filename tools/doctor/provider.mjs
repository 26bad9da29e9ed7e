const PATIENCE_MS = 5000

/**
 * What answers as auth at an address.
 *
 * @param {string} origin
 * @returns {Promise<{ isThere: boolean, issuer?: string, aheadSeconds?: number }>} `issuer` only if it is a discovery document;
 *   `aheadSeconds` how far its clock is ahead of ours
 */
export async function askAuth(origin) {
  const askedAt = Date.now()
  try {
    const answer = await fetch(new URL('/.well-known/openid-configuration', origin), {
      redirect: 'manual',
      signal: AbortSignal.timeout(PATIENCE_MS),
    })
    // It wrote its date between the question and the answer.
    const ourTime = (askedAt + Date.now()) / 2
    const date = Date.parse(answer.headers.get('date') ?? '')
    const document = await answer.json().catch(() => undefined)
    return {
      isThere: true,
      ...(typeof document?.issuer === 'string' && { issuer: document.issuer }),
      ...(!Number.isNaN(date) && { aheadSeconds: (date - ourTime) / 1000 }),
    }
  } catch {
    return { isThere: false }
  }
}

/** Where a site's server finds auth. */
export const authAddressOf = ({ settings }) => settings.ISSUER_INTERNAL_URL ?? settings.ISSUER
