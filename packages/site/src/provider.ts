import {
  allowInsecureRequests,
  ClientError,
  ClientSecretBasic,
  type Configuration,
  clockSkew,
  clockTolerance,
  customFetch,
  discovery,
} from 'openid-client'
import { fetchBounded } from './fetch-bounded.ts'
import { isLoopback, type TrustedOptions } from './options.ts'
import { report } from './report.ts'
import { tracedFetch } from './traces.ts'

export interface Provider {
  /** What discovery said; kept for good once it is known. Throws when the provider cannot be asked. */
  configuration(): Promise<Configuration>
  /** Asks now whether the provider answers: one question at a time, 1.5 s at most, the answer good for one second. */
  isThere(): Promise<boolean>
  /** The same question, answered with the page that says what is wrong. */
  problem(): Promise<'auth_unavailable' | 'issuer_mismatch' | undefined>
  /** Reaches the provider at its internal address, and never waits longer than 3 s. */
  fetch: typeof fetch
}

const PROBE_SECONDS = 1.5
const TIMEOUT_SECONDS = 3
const ANSWER_GOOD_MS = 1_000

export function createProvider(options: TrustedOptions): Provider {
  const { issuer, clientId, clientSecret, now } = options
  const get = internalFetch(options)
  let known: Configuration | undefined
  let asked: { at: number; answer: Promise<Configuration> } | undefined

  async function discover(): Promise<Configuration> {
    // The kit's clock is the real one except in tests.
    const skew = now ? Math.round((now().getTime() - Date.now()) / 1000) : 0
    const found = await discovery(
      new URL(issuer),
      clientId,
      { [clockSkew]: skew, [clockTolerance]: options.clockToleranceSeconds },
      ClientSecretBasic(clientSecret),
      {
        timeout: PROBE_SECONDS,
        [customFetch]: (url, init) => fetchJson(get, url, init as RequestInit), // its body type lacks only what fetch would refuse anyway
        execute: isLoopback(new URL(issuer)) ? [allowInsecureRequests] : [],
      },
    )
    found.timeout = TIMEOUT_SECONDS
    if (found.serverMetadata().issuer !== issuer) throw new OtherIssuerError()
    // Endpoints that change while we run are not followed: the first answer stands until a restart.
    known ??= found
    return known
  }

  function ask(): Promise<Configuration> {
    const at = Date.now()
    if (asked && at - asked.at < ANSWER_GOOD_MS) return asked.answer
    const question = { at, answer: discover() }
    asked = question
    const answered = () => {
      question.at = Date.now()
    }
    question.answer.then(answered, (error) => {
      answered()
      report('discovery', error)
    })
    question.at = Number.POSITIVE_INFINITY // under way: whoever comes meanwhile shares it
    return question.answer
  }

  async function problem(): Promise<'auth_unavailable' | 'issuer_mismatch' | undefined> {
    try {
      await ask()
    } catch (error) {
      return isOtherIssuer(error) ? 'issuer_mismatch' : 'auth_unavailable'
    }
  }

  return {
    fetch: get,
    configuration: async () => known ?? (await ask()),
    problem,
    isThere: async () => (await problem()) === undefined,
  }
}

/** The issuer is a name that is compared as it is written, to the last slash (OpenID Connect Discovery 1.0 §4.3). */
class OtherIssuerError extends Error {
  override readonly name = 'OtherIssuerError'

  constructor() {
    super('the provider answers with another issuer than ISSUER')
  }
}

/** Whether discovery answered with another name: that is a setting to be put right, and ends nobody's session. */
export const isOtherIssuer = (error: unknown) =>
  error instanceof OtherIssuerError ||
  (error instanceof ClientError && error.code === 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED')

/** An answer of the provider is JSON (RFC 6749 §5.1), and openid-client reads whatever parses. Who says otherwise is not the provider. */
async function fetchJson(get: typeof fetch, url: string, init: RequestInit): Promise<Response> {
  const response = await fetchBounded(url, init, get)
  const [type = ''] = (response.headers.get('content-type') ?? '').toLowerCase().split(';')
  if (response.ok && response.body && !/^application\/([\w.-]+\+)?json$/.test(type.trim()))
    throw new TypeError('an answer of the provider does not say that it is JSON')
  return response
}

/** The issuer is a name, not an address: same path and query, only the origin is another one. */
function internalFetch({ issuer, issuerInternalUrl, fetch: get }: TrustedOptions): typeof fetch {
  const { origin } = new URL(issuer)
  const internalOrigin = issuerInternalUrl ? new URL(issuerInternalUrl).origin : origin
  return (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input)
    const address = url.origin === origin ? internalOrigin + url.pathname + url.search : url.href
    const signal = init?.signal ?? AbortSignal.timeout(TIMEOUT_SECONDS * 1000)
    // Its endpoints are a handful, and say nothing of anybody.
    const ask = tracedFetch(get ?? globalThis.fetch, ({ pathname }) => pathname)
    return ask(address, { ...init, signal, cache: 'no-store' })
  }
}
