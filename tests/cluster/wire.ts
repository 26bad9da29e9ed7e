import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

const SOON_MS = 500

/** What came back over one connection. */
export interface WireAnswer {
  /** Of each answer, in order. */
  statuses: number[]
  text: string
  /** Until the other end hung up. */
  ms: number
  /** How much of the request was written by then. */
  sentBytes: number
}

/**
 * Writes these very bytes to a server, a piece after the other, and reads until it hangs up. It stops writing at the first answer.
 * `mostMs`: after so long it hangs up itself.
 */
export async function overTheWire(
  origin: string,
  pieces: Iterable<string> | AsyncIterable<string>,
  { mostMs = 60_000 } = {},
): Promise<WireAnswer> {
  const startedAt = performance.now()
  const socket = open(origin)
  let [text, sentBytes, isOver] = ['', 0, false]
  const over = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  const answered = new Promise<void>((resolve) => socket.once('data', () => resolve()))
  socket.setEncoding('latin1').on('data', (piece) => {
    text += piece
    isOver = true
  })
  socket.once('close', () => {
    isOver = true
  })
  const limit = setTimeout(() => socket.destroy(), mostMs)
  for await (const piece of pieces) {
    if (isOver) break
    sentBytes += piece.length
    if (!socket.write(piece, 'latin1'))
      await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), over])
    // Who goes on writing to a server that has hung up may never read its answer.
    await Promise.race([answered, over, pause(SOON_MS)])
  }
  await over
  clearTimeout(limit)
  const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))
  return { statuses, text, ms: Math.round(performance.now() - startedAt), sentBytes }
}

/** A connection whose troubles are nobody's: who hangs up in the middle is what it is for. */
export function open(origin: string): Socket {
  const { hostname, port } = new URL(origin)
  return connect(Number(port), hostname).on('error', () => {})
}

/** A request as text: the first line, its headers, and an empty line. */
export const requestText = (line: string, ...headers: string[]): string =>
  [`${line} HTTP/1.1`, 'Host: auth.localhost:4000', 'Connection: close', ...headers, '', ''].join('\r\n')

export const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`
