import { openStore } from './index.ts'

/** A call of one verb, `grants.redeem` say, in another process on the same database. */
export interface ChildCall {
  id: number
  verb: string
  args: unknown[]
  /** Die between the statement and the answer. */
  dies?: boolean
}

// For the tests that need a second process, or one to kill.
const store = await openStore(process.argv[2] ?? '')

process.on('message', async ({ id, verb, args, dies }: ChildCall) => {
  const [port, method] = verb.split('.') as [keyof typeof store, string]
  // Tests only: the verb is a name of the port.
  const methods = store[port] as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>
  const result = await methods[method]?.(...args)
  if (dies) process.kill(process.pid, 'SIGKILL')
  process.send?.({ id, result })
})
process.on('disconnect', () => process.exit(0))
process.send?.({ id: 0, result: 'ready' })
