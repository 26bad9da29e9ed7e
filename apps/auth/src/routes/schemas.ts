type Schema = Record<string, unknown>

const text = { type: 'string' }
const number = { type: 'integer' }
const yes = { type: 'boolean' }
const texts = { type: 'array', items: text }
const oneOrMore = { oneOf: [text, texts] }
const boundKey = { type: 'object', properties: { jkt: text } }
const open = { type: 'object', additionalProperties: true }

/** An object of exactly these members; `needed` are always there. */
const object = (properties: Record<string, Schema>, needed: string[] = []): Schema => ({
  type: 'object',
  properties,
  required: needed,
  additionalProperties: false,
})
const each = (names: string, schema: Schema): Record<string, Schema> =>
  Object.fromEntries(names.split(' ').map((name) => [name, schema]))

/** Bodies of JSON answers. */
export const SCHEMAS = {
  Error: object(each('error error_description', text), ['error', 'error_description']),
  Nothing: object({}),
  Tokens: object(
    { ...each('access_token token_type refresh_token id_token scope', text), expires_in: number },
    ['access_token', 'token_type', 'expires_in', 'scope'],
  ),
  PushedRequest: object({ request_uri: text, expires_in: number }, ['request_uri', 'expires_in']),
  Introspection: object(
    {
      active: yes,
      ...each('iss sub client_id scope jti acr token_type', text),
      ...each('exp iat auth_time', number),
      aud: oneOrMore,
      cnf: boundKey,
    },
    ['active'],
  ),
  Userinfo: object(
    {
      ...each(
        'sub name given_name family_name middle_name nickname preferred_username profile picture',
        text,
      ),
      ...each('website gender birthdate zoneinfo locale email phone_number', text),
      ...each('email_verified phone_number_verified', yes),
      address: { type: 'object', additionalProperties: text },
      updated_at: number,
      roles: { type: 'array', items: text },
    },
    ['sub'],
  ),
  KeySet: object({ keys: { type: 'array', items: open } }, ['keys']),
  Metadata: open,
  Document: open,
  Health: object({ status: text }, ['status']),
} as const satisfies Record<string, Schema>
export type SchemaName = keyof typeof SCHEMAS
