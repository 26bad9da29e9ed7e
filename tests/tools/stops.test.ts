import { type ChildProcess, fork } from 'node:child_process'
import { Agent, get } from 'node:http'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { repository } from './copy.ts'

/** So many answers after SIGTERM say that the connection goes on for ever. */
const TOO_MANY = 20

let child: ChildProcess
afterEach(() => child.kill('SIGKILL'))

const hears = (word?: string) =>
  new Promise<unknown>((resolve) =>
    child.on('message', (heard) => (word === undefined || heard === word) && resolve(heard)),
  )

test('F-16 a server in a container answers what is under way and ends, though its gateway never lets a connection go', async () => {
  child = fork(join(repository, 'tests/tools/stops.child.mjs'), {
    execArgv: ['--import', join(repository, 'deploy/stops.mjs')],
  })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const port = Number(await hears())
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const asks = () =>
    new Promise<string>((resolve, reject) => {
      get({ port, agent, host: '127.0.0.1' }, (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (piece) => {
          text += piece
        })
        response.once('end', () => resolve(text))
      }).once('error', reject)
    })

  const underWay = asks()
  await hears('asked')
  child.kill('SIGTERM')
  expect(await underWay).toBe('answered')
  let answers = 0
  for (; answers < TOO_MANY; answers++) if ((await asks().catch(() => undefined)) === undefined) break
  expect(answers).toBeLessThan(TOO_MANY)
  expect(await ended).toBe(0)
})
