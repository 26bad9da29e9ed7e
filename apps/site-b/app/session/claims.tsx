import { messages } from '../../messages.ts'
import { Moment } from '../moment.tsx'

const t = messages()

/** The claims of a token, each with what it says in plain words; times stay true while the page is open. */
export function Claims({ claims, now }: { claims: Record<string, unknown>; now: Date }) {
  return (
    <table id="claims">
      <thead>
        <tr>
          <th scope="col">{t.session.claim}</th>
          <th scope="col">{t.session.value}</th>
          <th scope="col">{t.session.meaning}</th>
        </tr>
      </thead>
      <tbody>
        {Object.entries(claims).map(([name, value]) => (
          <tr key={name}>
            <th scope="row">
              <code>{name}</code>
            </th>
            <td>
              <code>
                {Array.isArray(value)
                  ? value.join(' ')
                  : typeof value === 'string'
                    ? value
                    : JSON.stringify(value)}
              </code>
            </td>
            <td>
              {Object.hasOwn(t.claims, name) && t.claims[name]}
              <When name={name} value={value} now={now} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function When({ name, value, now }: { name: string; value: unknown; now: Date }) {
  if (typeof value !== 'number' || !['auth_time', 'iat', 'exp'].includes(name)) return null
  return (
    <>
      {' '}
      <Moment at={new Date(value * 1000)} now={now} as={name === 'exp' ? 'left' : 'ago'} />
    </>
  )
}
