import { once } from 'node:events'
import { connect } from 'node:net'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { limitBody } from './limit-body.ts'

const app = new Hono()
app.use(limitBody(16))
app.all('/', async (c) => c.text(`read ${await c.req.text()}`))
let server: ReturnType<typeof serve>
beforeAll(async () => {
  server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' })
  await once(server, 'listening')
})
afterAll(() => server.close())

/** The statuses and bodies of what a socket is answered that sends these very bytes. */
async function answersTo(bytes: string): Promise<string[]> {
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('it does not listen')
  const socket = connect(address.port, '127.0.0.1').setEncoding('latin1')
  socket.write(bytes)
  let answer = ''
  for await (const text of socket) answer += text
  return answer
    .split('HTTP/1.1 ')
    .slice(1)
    .map((text) => {
      const read = text.split('\r\n\r\n')[1]?.match(/read \w+/)
      return [text.slice(0, 3), ...(read ?? [])].join(' ')
    })
}

const post = (...lines: string[]) =>
  ['POST / HTTP/1.1', 'Host: grove', 'Connection: close', ...lines, '', ''].join('\r\n')
const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`

test('F-61 a body that fits is read, announced or in pieces', async () => {
  expect(await answersTo(`${post('Content-Length: 16')}${'x'.repeat(16)}`)).toEqual([
    `200 read ${'x'.repeat(16)}`,
  ])
  const pieces = `${post('Transfer-Encoding: chunked')}${chunk('xxxx')}${chunk('yyyy')}0\r\n\r\n`
  expect(await answersTo(pieces)).toEqual(['200 read xxxxyyyy'])
})

test('F-61 a larger one is 413, announced or in pieces', async () => {
  expect(await answersTo(`${post('Content-Length: 17')}${'x'.repeat(17)}`)).toEqual(['413'])
  expect(await answersTo(`${post('Transfer-Encoding: chunked')}${chunk('x'.repeat(17))}0\r\n\r\n`)).toEqual([
    '413',
  ])
})

test('F-61 who announces less than is sent has sent less', async () => {
  for (const answer of await answersTo(`${post('Content-Length: 4')}${'x'.repeat(40)}`))
    expect(['200 read xxxx', '400']).toContain(answer)
})

test('F-61 who announces it in two ways, or in none that is a number, is refused by the parser', async () => {
  const both = post('Content-Length: 4', 'Transfer-Encoding: chunked')
  expect(await answersTo(`${both}${chunk('x'.repeat(17))}0\r\n\r\n`)).toEqual(['400'])
  expect(await answersTo(`${post('Content-Length: 0x1')}x`)).toEqual(['400'])
})
