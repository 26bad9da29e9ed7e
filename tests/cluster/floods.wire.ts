import { ISSUER } from '@grove/auth/testing'
import type { Cluster } from './cluster.ts'
import type { Tally } from './fault.ts'
import { each, millisecondsOf, percentile } from './measured.ts'
import { countRows } from './rows.ts'
import { chunk, open, overTheWire, requestText } from './wire.ts'

const AT_ONCE = 10
const KB = 1_000
const originOf = ({ processes }: Cluster) => processes[0]?.origin ?? ''
const FORM = 'Content-Type: application/x-www-form-urlencoded'
const PATHS = ['/token', '/par', '/login', '/authorize', '/logout', '/register']

/** What must hold after each: the process lives, and nothing went wrong that nobody caught. */
async function lives(cluster: Cluster, tally: Tally): Promise<void> {
  tally.same('after it', (await cluster.at(0).fetch(`${ISSUER}/healthz`)).status, 200)
  const said = cluster.processes[0]?.said() ?? ''
  tally.expect(!/unhandled|uncaught/i.test(said), `it says: ${said.slice(-300)}`)
}

/** F-61: ten megabytes, announced or in pieces: refused before they are here. */
export async function bodies(cluster: Cluster, rounds: number, tally: Tally): Promise<void> {
  const kinds = {
    announced: { header: 'Content-Length: 10000000', piece: 'x'.repeat(10 * KB) },
    'in pieces': { header: 'Transfer-Encoding: chunked', piece: chunk('x'.repeat(10 * KB)) },
  }
  let most = 0
  for (const [name, { header, piece }] of Object.entries(kinds))
    await each(rounds, AT_ONCE, async (n) => {
      const path = PATHS[n % PATHS.length]
      const all = [requestText(`POST ${path}`, FORM, header), ...Array<string>(1_000).fill(piece)]
      const { statuses, sentBytes } = await overTheWire(originOf(cluster), all)
      tally.same(`${path}, ${name}`, statuses, [413])
      tally.expect(sentBytes < 5_000 * KB, `${path}, ${name}: ${sentBytes} bytes were taken`)
      most = Math.max(most, sentBytes)
      tally.count(`bodies of 10 MB, ${name}: 413`)
    })
  tally.measure('written until the answer, at most', `${Math.round(most / KB)} KB`)
  await lives(cluster, tally)
}

const many = (count: number, line: (n: number) => string) => Array.from({ length: count }, (_, n) => line(n))
const HEADERS: Record<string, { headers: string[]; status: number }> = {
  'a header of 15 KB': { headers: [`x-long: ${'x'.repeat(15 * KB)}`], status: 200 },
  'a header of 17 KB': { headers: [`x-long: ${'x'.repeat(17 * KB)}`], status: 431 },
  '17 KB of cookies': { headers: [`cookie: a=${'x'.repeat(17 * KB)}`], status: 431 },
  '70 KB of cookies': { headers: [`cookie: a=${'x'.repeat(70 * KB)}`], status: 431 },
  'a hundred cookies': { headers: [`cookie: ${many(100, (n) => `c${n}=${n}`).join('; ')}`], status: 200 },
  'two hundred header lines': { headers: many(200, (n) => `x-line-${n}: ${n}`), status: 200 },
  'a line without a name': { headers: [': nothing'], status: 400 },
}

/** F-62: too many headers are refused in words, never with a failure of ours. */
export async function headers(cluster: Cluster, rounds: number, tally: Tally): Promise<void> {
  for (const [name, { headers: lines, status }] of Object.entries(HEADERS))
    await each(rounds, AT_ONCE, async () => {
      const { statuses, text } = await overTheWire(originOf(cluster), [requestText('GET /account', ...lines)])
      tally.same(name, statuses, [status])
      if (name === '17 KB of cookies')
        tally.expect(text.includes('action="/cookies"'), 'the page cannot clear the cookies')
      tally.count(`${name}: ${status}`)
    })
  await lives(cluster, tally)
}

const asked = (query: string) =>
  `client_id=alder&redirect_uri=${encodeURIComponent('http://site-a.localhost:4001/sso/callback')}&response_type=code&code_challenge_method=S256&code_challenge=${'c'.repeat(43)}&${query}`
const posted = (path: string, body: string) =>
  requestText(`POST ${path}`, FORM, `Content-Length: ${body.length}`) + body
const gotten = (query: string) => requestText(`GET /authorize?${query}`)
const deep = encodeURIComponent(`${'['.repeat(2 * KB)}${']'.repeat(2 * KB)}`)

// 400 for what fits into a request, 413 and 431 for what is larger than one; 303 takes an error of a known client back to it.
const BOMBS: Record<string, { text: string; status: number; error?: string }> = {
  '10,000 parameters in a body': { text: posted('/token', 'p=1&'.repeat(10 * KB)), status: 413 },
  '4,000 parameters in a body': { text: posted('/token', 'p=1&'.repeat(4 * KB)), status: 400 },
  '4,000 parameters in an address': { text: gotten('p=1&'.repeat(3_900)), status: 400 },
  '10,000 parameters in an address': { text: gotten('p=1&'.repeat(10 * KB)), status: 400 },
  'a state of 100 KB': { text: gotten(asked(`scope=openid&state=${'x'.repeat(100 * KB)}`)), status: 431 },
  'a state of 15 KB': {
    text: posted('/authorize', asked(`scope=openid&state=${'x'.repeat(15 * KB)}`)),
    status: 400,
  },
  '10,000 scopes': { text: posted('/authorize', asked(`scope=openid${'+x'.repeat(10 * KB)}`)), status: 413 },
  '7,000 scopes': {
    text: posted('/authorize', asked(`scope=openid${'+x'.repeat(7 * KB)}`)),
    status: 400,
  },
  'claims 2,000 deep': {
    text: gotten(asked(`scope=openid&claims=${deep}`)),
    status: 303,
    error: 'invalid_request',
  },
}

/** F-63: parameters without measure are refused at once, and leave nothing behind. */
export async function parameters(cluster: Cluster, rounds: number, tally: Tally): Promise<void> {
  const before = await countRows(cluster.databaseUrl)
  for (const [name, { text, status, error }] of Object.entries(BOMBS)) {
    const times: number[] = []
    for (let round = 0; round < rounds; round++) {
      const answer = overTheWire(originOf(cluster), [text])
      times.push(await millisecondsOf(() => answer))
      const { statuses, text: said } = await answer
      tally.same(name, statuses, [status])
      if (error) tally.expect(said.includes(`error=${error}`), `${name}: no ${error}`)
      tally.count(`${name}: ${status}`)
    }
    tally.measure(name, `p50 ${percentile(times, 0.5)}`)
  }
  tally.same('rows afterwards', await countRows(cluster.databaseUrl), before)
  await lives(cluster, tally)
}

/** F-68: who hangs up in the middle, sends half, or sends a hundred requests at once, troubles nobody else. */
export async function resets(cluster: Cluster, rounds: number, tally: Tally): Promise<void> {
  const origin = originOf(cluster)
  const body = 'email=person-1%40example.com&password=wrong&intent=sign-in'
  const login = posted('/login', body)
  const pieces: Record<string, string> = {
    'in its first line': login.slice(0, 9),
    'in its headers': login.slice(0, 60),
    'in its body': login.slice(0, -20),
    'while it is answered': login,
    'while a page comes': gotten(asked('scope=openid')),
  }
  for (const [name, text] of Object.entries(pieces))
    await each(rounds, AT_ONCE, async (n) => {
      const socket = open(origin)
      await new Promise((resolve) => socket.write(text, resolve))
      await new Promise((resolve) => setTimeout(resolve, n % 10))
      const over = new Promise((resolve) => socket.once('close', resolve))
      if (n % 2) socket.resetAndDestroy()
      else socket.destroy()
      await over
      tally.count(`hung up ${name}`)
    })
  await each(rounds, AT_ONCE, async () => {
    const inARow = 'GET /healthz HTTP/1.1\r\nHost: auth.localhost:4000\r\n\r\n'.repeat(99)
    const { statuses } = await overTheWire(origin, [inARow + requestText('GET /jwks')])
    tally.same('a hundred requests at once', statuses.filter((status) => status === 200).length, 100)
    const { statuses: bad } = await overTheWire(origin, [`${inARow}nonsense\r\n\r\n`])
    tally.same('nonsense after good ones', bad.at(-1), 400)
    tally.count('hundreds of requests in one piece')
  })
  await lives(cluster, tally)
}
