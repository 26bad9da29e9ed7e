import { expect, test } from 'vitest'
import { readAtMost } from './index.ts'

test.each(['before', 'while'])(
  'a stream that never ends is left when its signal says so, %s it is read',
  async (moment) => {
    const patience = new AbortController()
    const giveUp = () => patience.abort(new Error('no longer'))
    const left: unknown[] = []
    const stream = new ReadableStream(
      { pull: giveUp, cancel: (reason) => void left.push(reason) },
      { highWaterMark: 0 },
    )
    if (moment === 'before') giveUp()
    await expect(readAtMost(stream, 10, patience.signal)).rejects.toThrow('no longer')
    expect(left).toEqual([patience.signal.reason])
  },
)
