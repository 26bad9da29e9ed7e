import { type Cast, forge, partsOf } from '../forger.ts'
import { attack, say, type TokenCase } from '../shape.ts'

const NONE = [
  'none',
  'None',
  'NONE',
  'nOnE',
  ' none',
  'none ',
  'none\0',
  'n\u200bone',
  '\uff4e\uff4f\uff4e\uff45',
  '',
  'null',
]
const NOT_NAMED = [undefined, null, 0, false, [], ['none'], ['ES256'], { alg: 'ES256' }]
const NOT_TAKEN = ['es256', 'ES256 ', 'ES256\0', '\u0415S256', 'ES384', 'HS512', 'ECDH-ES']

/** The header says that there is no algorithm, or names none that is taken. */
export function noAlgorithm({ genuine: { ES256 } }: Cast): TokenCase[] {
  const { refused } = attack('JA-1')
  const signed = (alg: unknown) => forge('access token', ES256, { header: { alg } })
  const unsigned = (alg: unknown) => signed(alg).split('.').slice(0, 2).join('.')
  const [header, payload] = partsOf(signed('ES256'))
  return [
    ...NONE.map((alg) => refused('algorithm', `alg ${say(alg)}, with a genuine signature`, signed(alg))),
    ...['none', 'None', 'nOnE', ''].map((alg) =>
      refused('malformed', `alg ${say(alg)} and an empty signature`, `${unsigned(alg)}.`),
    ),
    refused('malformed', 'alg none and no third part', unsigned('none')),
    refused('algorithm', 'alg none and a signature of one byte', `${unsigned('none')}.AA`),
    ...NOT_NAMED.map((alg) => refused('algorithm', `alg ${say(alg)}, with a genuine signature`, signed(alg))),
    ...NOT_TAKEN.map((alg) => refused('algorithm', `alg ${say(alg)}, with a genuine signature`, signed(alg))),
    refused('malformed', 'alg ES256 and an empty signature', `${header}.${payload}.`),
    refused('malformed', 'alg ES256 and no third part', `${header}.${payload}`),
    refused('signature', 'alg ES256 and a signature of one byte', `${header}.${payload}.AA`),
    refused(
      'algorithm',
      'an empty header, with a genuine signature',
      forge('access token', ES256, { rawHeader: '{}' }),
    ),
  ]
}
