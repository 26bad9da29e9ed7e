// Preloaded into a server (--import): its clock is ahead of ours, or behind. So a token is old without anybody waiting.
const aheadMilliseconds = Number(process.env.CLOCK_AHEAD_SECONDS) * 1000
const RealDate = Date
const now = () => RealDate.now() + aheadMilliseconds

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, created) => Reflect.construct(target, args.length ? args : [now()], created),
  get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
})
