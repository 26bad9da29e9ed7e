// Preloaded into each server that is measured: tells the bench, when asked, what the process has used.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

process.on('message', (question) => {
  if (question === 'collect') {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc')
    for (let pass = 0; pass < 4; pass++) collect()
  }
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed } = process.memoryUsage()
  process.send({ cpuMicros: user + system, rss, heapUsed })
})
// The bench's channel keeps no server alive that wants to end.
process.channel.unref()
