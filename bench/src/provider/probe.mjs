// Preloaded into each server that is measured: tells the bench, when asked, what the process has used, and does at once what the
// server itself would do in some minutes.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

const RESOLUTION_MS = 10
const RARE_MS = 600_000
/** What the server does every ten minutes or less often. */
const rareWork = []
const { setInterval } = globalThis
globalThis.setInterval = (work, ms, ...args) => {
  if (ms >= RARE_MS) rareWork.push(() => work(...args))
  return setInterval(work, ms, ...args)
}

let delays

const answers = {
  usage() {
    const { user, system } = process.cpuUsage()
    const { rss, heapUsed } = process.memoryUsage()
    return { cpuMicros: user + system, rss, heapUsed }
  },
  collected() {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc')
    for (let pass = 0; pass < 4; pass++) collect()
    return answers.usage()
  },
  /** Since the question before. Its timer costs something, so it is started by the first. */
  health() {
    delays ??= monitorEventLoopDelay({ resolution: RESOLUTION_MS })
    const lateMs = (nanos) => Math.max(0, nanos / 1e6 - RESOLUTION_MS) // what it measures has its own waiting in it
    const [typical, late, most] = [delays.percentile(50), delays.percentile(99), delays.max].map(lateMs)
    delays.reset()
    delays.enable()
    const handles = process.getActiveResourcesInfo().length
    return { ...answers.usage(), handles, delayMs: { typical, late, most } }
  },
  async rareWork() {
    const startedAt = performance.now()
    for (const work of rareWork) await work()
    return { tookMs: performance.now() - startedAt }
  },
}

process.on('message', async ({ id, question }) => {
  process.send({ id, answer: await answers[question]() })
})
// The bench's channel keeps no server alive that wants to end.
process.channel.unref()
