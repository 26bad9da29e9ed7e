import { DayToken, fastClock } from './faults.fixture.ts'
import { createStatusLists, createVerifier, remoteKeys } from './index.ts'

// A site's verifier in a process of its own, for the test that stops it. Each message is a token, each answer the verdict on it.
const [issuer = '', startedAt] = process.argv.slice(2)
const now = fastClock(Number(startedAt))
const trust = { issuer, audience: 'site', algorithms: ['ES256'] as const, now }
const keys = remoteKeys({ url: `${issuer}/jwks`, now })
const lists = createStatusLists({
  issuer,
  verifier: createVerifier({ ...trust, keys, status: 'unchecked' }),
  now,
})
const verifier = createVerifier({ ...trust, keys, status: lists })

process.on('message', async (text: string) => {
  const verdict = await verifier.verify(DayToken, text).then(
    () => 'good',
    (error) => error.code ?? error.name,
  )
  process.send?.({ text, verdict })
})
process.on('disconnect', () => process.exit(0))
process.send?.('ready')
