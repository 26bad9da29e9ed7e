import { segment } from '../../src/issuer.fixture.ts'
import { type Cast, forge } from '../forger.ts'
import { attack, type Text, type TokenCase } from '../shape.ts'

const KIB = 1024
const MIB = 1024 * KIB
const FILLER = 'eHh4' // "xxx"

const run = (repeat: string, length: number): Text => ({
  start: '',
  repeat,
  times: Math.ceil(length / repeat.length),
  end: '',
})

/** Tokens that cost more to read than they did to send. What is longer than 8192 characters is refused unread. */
export function size({ genuine: { ES256 } }: Cast): TokenCase[] {
  const { refused, accepted } = attack('JA-19')
  const good = forge('access token', ES256)
  const around = (start: string, repeat: string, length: number, end: string): Text => ({
    ...(run(repeat, length) as Exclude<Text, string>), // `run` gives no plain text
    start,
    end,
  })
  const [header = '', payload = '', signature = ''] = good.split('.')
  const limit = { note: 'the limit is 8192 characters here; another verifier may have another' }
  return [
    accepted('genuine, just under 8 KiB', filled('payload', ES256, 8100)),
    refused('too_large', 'genuine, just over 8 KiB', filled('payload', ES256, 8200), limit),
    refused('too_large', 'genuine, with a claim of 64 KiB', filled('payload', ES256, 64 * KIB), limit),
    refused('too_large', 'genuine, with a claim of 1 MiB', filled('payload', ES256, MIB), limit),
    refused('too_large', 'genuine, with a header of 64 KiB', filled('header', ES256, 64 * KIB), limit),
    refused(
      'too_large',
      'a payload of 1 MiB that is not signed',
      around(`${header}.`, 'A', MIB, `.${signature}`),
    ),
    refused('too_large', 'a signature of 1 MiB', around(`${header}.${payload}.`, 'A', MIB, '')),
    refused('too_large', 'a genuine token and 1 MiB of padding', around(good, '=', MIB, '')),
    refused('too_large', 'a genuine token and 1 MiB of white space', around(good, ' ', MIB, '')),
    refused('too_large', '1 MiB of dots', run('.', MIB)),
    refused('too_large', '1 MiB of one-letter parts', run('a.', MIB)),
    refused(
      'too_large',
      '1 MiB of open brackets, as the header',
      around('', segment('[[['), MIB, `.${payload}.${signature}`),
    ),
    refused('malformed', '8192 dots', run('.', 8192)),
    refused('malformed', '8192 characters of padding', run('=', 8192)),
    refused('malformed', '4096 parts', run('a.', 8192)),
  ]
}

/** A genuine token of about this length; its filling is written down once. */
function filled(part: 'header' | 'payload', signer: Cast['genuine']['ES256'], length: number): Text {
  const rest = forge('access token', signer).length + 20
  const times = Math.floor((length - rest) / FILLER.length)
  for (const indent of ['', 'x', 'xx']) {
    const more = { more: indent + 'xxx'.repeat(times) + indent }
    const text = forge('access token', signer, { [part]: more })
    const [start, end] = text.split(FILLER.repeat(times))
    if (start !== undefined && end !== undefined) return { start, repeat: FILLER, times, end }
  }
  throw new Error('the filling stands at no place of three')
}
