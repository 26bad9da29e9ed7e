import type { HeaderCase } from '../shape.ts'

const GOOD: [string, ...string[]][] = [
  ['as it should be', 'Bearer <token>'],
  ['the scheme in small letters', 'bearer <token>'],
  ['the scheme in capitals', 'BEARER <token>'],
  ['two spaces', 'Bearer  <token>'],
]
// Nothing was sent that is meant for a verifier of bearer tokens.
const ANOTHER_SCHEME: [string, ...string[]][] = [
  ['the token without a scheme', '<token>'],
  ['an empty header', ''],
  ['Basic', 'Basic YWxpY2U6c2VjcmV0'],
  ['the token as Basic', 'Basic <token>'],
  ['DPoP', 'DPoP <token>'],
  ['Token', 'Token <token>'],
  ['JWT', 'JWT <token>'],
  ['a scheme that begins alike', 'Bearers <token>'],
  ['a scheme that ends alike', 'XBearer <token>'],
  ['no space', 'Bearer<token>'],
  ['a colon', 'Bearer: <token>'],
  ['an equals sign', 'Bearer=<token>'],
  ['a comma', 'Bearer,<token>'],
  ['a tab', 'Bearer\t<token>'],
  ['a no-break space', 'Bearer\u00a0<token>'],
  ['the scheme in quotes', '"Bearer" <token>'],
  ['another scheme first', 'Basic YTpi, Bearer <token>'],
  ['another scheme first, in a header of its own', 'Basic YTpi', 'Bearer <token>'],
]
const NO_HEADER_OF_ONE_TOKEN: [string, ...string[]][] = [
  ['the scheme alone', 'Bearer'],
  ['two tokens', 'Bearer <token> <token>'],
  ['two tokens with a comma', 'Bearer <token>,<token>'],
  ['two tokens with a comma and a space', 'Bearer <token>, <token>'],
  ['the scheme twice', 'Bearer Bearer <token>'],
  ['a second scheme behind a comma', 'Bearer <token>, Basic YTpi'],
  ['two headers', 'Bearer <token>', 'Bearer <token>'],
  ['two headers, the second of another scheme', 'Bearer <token>', 'Basic YTpi'],
  ['a parameter', 'Bearer token="<token>"'],
  ['a parameter without quotes', 'Bearer <token>;a=b'],
  ['quotes', 'Bearer "<token>"'],
  ['single quotes', "Bearer '<token>'"],
  ['angle brackets', 'Bearer <<token>>'],
  ['a space and a tab', 'Bearer \t<token>'],
  ['a no-break space in it', 'Bearer \u00a0<token>'],
  ['a percent sign', 'Bearer <token>%20'],
  ['a letter that is not ASCII', 'Bearer <token>\u00e4'],
  ['padding in the middle', 'Bearer =<token>'],
]
const NO_TOKEN: [string, ...string[]][] = [
  ['one word', 'Bearer abc'],
  ['a number', 'Bearer 0'],
  ['two dots', 'Bearer ..'],
  ['the word null', 'Bearer null'],
  ['the word undefined', 'Bearer undefined'],
  ['a token with padding', 'Bearer <token>='],
  ['a token with a fourth part', 'Bearer <token>.AAAA'],
  ['a token with a dot before it', 'Bearer .<token>'],
]

/** What a careless server reads out of `Authorization`. The request is the same in all other respects, and good. */
export function authorization(): HeaderCase[] {
  const all = (rows: [string, ...string[]][], outcome: Pick<HeaderCase, 'status' | 'error' | 'accept'>) =>
    rows.map(([name, ...values]): HeaderCase => ({ id: 'JA-21', name, authorization: values, ...outcome }))
  return [
    ...all(GOOD, { accept: true }),
    ...all(ANOTHER_SCHEME, { status: 401 }),
    ...all(NO_HEADER_OF_ONE_TOKEN, { status: 400, error: 'invalid_request' }),
    ...all(NO_TOKEN, { status: 401, error: 'invalid_token' }),
  ]
}
