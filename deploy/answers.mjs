// The health check of the images, which have no curl: `node answers.mjs <address> [status]` ends well when the address answers so.
const [address, status = '200'] = process.argv.slice(2)
const answer = await fetch(address, { redirect: 'manual', signal: AbortSignal.timeout(2000) }).catch(
  () => undefined,
)
process.exit(String(answer?.status) === status ? 0 : 1)
