import { once } from 'node:events'
import { Agent, createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { watchRequests } from './stopping.ts'

/** So many answers after the end was asked for say that the connection goes on for ever. */
const TOO_MANY = 20
const CLIENTS = 8

test('F-16 what is under way is answered, and who asks on one connection again and again holds nothing up', async () => {
  let isAsked: (() => void) | undefined
  let count = 0
  const server = createServer((_request, response) => {
    count += 1
    if (count === CLIENTS) isAsked?.()
    setTimeout(() => response.end('answered'), 40 + (count % 7) * 3)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // it listens on a port
  const requests = watchRequests(server)
  const agents = Array.from({ length: CLIENTS }, () => new Agent({ keepAlive: true, maxSockets: 1 }))
  const asks = (agent: Agent | undefined) =>
    new Promise<string | undefined>((resolve) => {
      get({ port, agent, host: '127.0.0.1' }, (response) => {
        response.setEncoding('utf8').once('data', resolve)
      }).once('error', () => resolve(undefined))
    })

  const begun = new Promise<void>((resolve) => {
    isAsked = resolve
  })
  const underWay = agents.map(asks)
  await begun
  const done = new Promise<void>((resolve) => requests.stop(resolve))
  // They take so long that one of them is always waiting for an answer.
  const answers = agents.map(async (agent, place) => {
    expect(await underWay[place]).toBe('answered')
    for (let more = 0; more < TOO_MANY; more++) if ((await asks(agent)) === undefined) return more
    return TOO_MANY
  })
  for (const count of await Promise.all(answers)) expect(count).toBeLessThan(TOO_MANY)
  await done
  expect(requests.inFlight()).toBe(0)
})
