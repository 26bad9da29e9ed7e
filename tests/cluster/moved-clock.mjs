// Preloaded (--import): the clock of this process is as far ahead of ours as the file CLOCK_FILE says, at every moment anew.
import { readFileSync } from 'node:fs'

const RealDate = Date
const now = () => RealDate.now() + Number(readFileSync(process.env.CLOCK_FILE, 'utf8')) * 1000

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, created) => Reflect.construct(target, args.length ? args : [now()], created),
  get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
})
