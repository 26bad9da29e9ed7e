import { openStore } from './store/index.ts'
const t = performance.now(), c = process.cpuUsage()
const store = await openStore('file:/tmp/swp/auth.db')
const u = process.cpuUsage(c)
console.log('open', Math.round(performance.now() - t), 'ms; cpu', Math.round((u.user + u.system) / 1000))
await store.close()
