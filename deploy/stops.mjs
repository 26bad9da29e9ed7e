// Loaded before the server of a site (`node --import`): it ends when it is told to, and not ten seconds later by force. Node's `close()`
// waits for every connection, and a gateway that asks for the health of this server every other second never lets one go. So once SIGTERM
// has come, each answer is the last of its connection. Next itself closes what listens, and waits for what is under way.
import { subscribe } from 'node:diagnostics_channel'

// Of the ten that docker-compose.yml gives.
const STOP_AFTER_MS = 8_000
// What Next ends with after SIGTERM, though nothing went wrong.
const TERMINATED = 143

let isStopping = false

subscribe('http.server.request.start', ({ response }) => {
  if (isStopping) response.shouldKeepAlive = false
})
// Its answer began before, and did not say so.
subscribe('http.server.response.finish', ({ server }) => {
  if (isStopping) setImmediate(() => server.closeIdleConnections())
})

process.once('SIGTERM', () => {
  isStopping = true
  setTimeout(() => process.exit(0), STOP_AFTER_MS).unref()
})
process.once('exit', (code) => {
  if (isStopping && code === TERMINATED) process.exitCode = 0
})
