// Preloaded (--import): what a server does once a minute or less often, it does so many times as often. Its clock stays as it is.
const TIMES = 300
const LONG_MS = 60_000
const realSetInterval = globalThis.setInterval
globalThis.setInterval = (work, ms, ...more) => realSetInterval(work, ms < LONG_MS ? ms : ms / TIMES, ...more)
