// A server as Next's and ours are: told to stop it closes what listens, and waits for its connections.
import { createServer } from 'node:http'

const server = createServer((_, response) => {
  if (process.send) process.send('asked')
  setTimeout(() => response.end('answered'), 200)
})
server.listen(0, '127.0.0.1', () => process.send?.(server.address().port))
process.once('SIGTERM', () => server.close(() => process.exit(143)))
