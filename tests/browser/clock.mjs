// Preloaded into a server (--import): its clock is ahead of ours, or behind. So a token is old without anybody waiting. How far says
// CLOCK_AHEAD_SECONDS, or the file CLOCK_FILE, which may say another thing at any moment.
import { readFileSync } from 'node:fs'

const { CLOCK_AHEAD_SECONDS, CLOCK_FILE } = process.env
const aheadSeconds = CLOCK_FILE ? () => readFileSync(CLOCK_FILE, 'utf8') : () => CLOCK_AHEAD_SECONDS
const RealDate = Date
const now = () => RealDate.now() + Number(aheadSeconds()) * 1000

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, created) => Reflect.construct(target, args.length ? args : [now()], created),
  get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
})
