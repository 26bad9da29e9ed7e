import type { PostLogoutToken } from '../domain/back-channel.ts'

const TIMEOUT_MS = 3_000

/** Posts a logout token over HTTP (Back-Channel Logout 1.0 §2.5): no redirect is followed, and no answer waited for long. */
export const postLogoutToken = async (
  uri: string,
  logoutToken: string,
  headers: Record<string, string> = {},
): ReturnType<PostLogoutToken> => {
  try {
    const response = await fetch(reachable(uri), {
      method: 'POST',
      headers,
      body: new URLSearchParams({ logout_token: logoutToken }),
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    await response.body?.cancel()
    return response.ok ? undefined : `it answered ${response.status}`
  } catch (error) {
    return error instanceof Error ? withTrouble(error) : 'it did not answer'
  }
}

/** `fetch failed` alone helps no operator: which trouble it was, such as CERT_HAS_EXPIRED, is in its cause. */
function withTrouble({ message, cause }: Error): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  return /^[A-Z][A-Z_\d]{2,60}$/.test(code) ? `${message} (${code})` : message
}

// RFC 6761 §6.3: names under localhost are this machine. Node asks the resolver all the same, which may not know them.
function reachable(uri: string): URL {
  const url = new URL(uri)
  if (url.hostname.endsWith('.localhost')) url.hostname = '127.0.0.1'
  return url
}
