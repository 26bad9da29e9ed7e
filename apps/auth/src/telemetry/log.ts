import pino, { type Logger } from 'pino'

export type Level = 'debug' | 'info' | 'warn' | 'error' | 'silent'

/** `mixin`: what each line says besides. One JSON object a line: what went wrong on standard error, the rest on standard output. */
export function createLog(level: Level, write?: (line: string) => void, mixin?: () => object): Logger {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, ...(mixin && { mixin }) }
  if (write) return pino(options, { write })
  const streams = [
    { level: 'debug', stream: process.stdout },
    { level: 'error', stream: process.stderr },
  ] as const
  return pino(options, pino.multistream([...streams], { dedupe: true }))
}
