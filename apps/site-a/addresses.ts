/** Where somebody's orders go. */
export interface Address {
  readonly name: string
  readonly street: string
  readonly postcode: string
  readonly town: string
  readonly country: string
}
export type AddressField = keyof Address

/** An address that passed `checkAddress`: trimmed, nothing missing, within the limits. */
export type CheckedAddress = Address & { readonly checked: true }

// Together they fit into the cookie in which a form waits for a fresh login, whatever the alphabet.
export const ADDRESS_LIMITS: Readonly<Record<AddressField, number>> = {
  name: 60,
  street: 80,
  postcode: 12,
  town: 50,
  country: 40,
}

export const ADDRESS_FIELDS = Object.keys(ADDRESS_LIMITS) as AddressField[] // as: the keys of the literal above

export type Problem = 'missing' | 'long'
export type Problems = Readonly<Partial<Record<AddressField, Problem>>>

/** The fields of the form, each one line of text; what is not there is empty. */
export function typedAddress(form: FormData): Record<AddressField, string> {
  const line = (field: AddressField) =>
    String(form.get(field) ?? '')
      .replace(/\s+/g, ' ')
      .trim()
  return {
    name: line('name'),
    street: line('street'),
    postcode: line('postcode'),
    town: line('town'),
    country: line('country'),
  }
}

/** The only way to make an address that orders can be sent to. */
export function checkAddress(typed: Address): { address: CheckedAddress } | { problems: Problems } {
  const found = ADDRESS_FIELDS.flatMap((field): [AddressField, Problem][] => {
    if (typed[field] === '') return [[field, 'missing']]
    return typed[field].length > ADDRESS_LIMITS[field] ? [[field, 'long']] : []
  })
  return found.length > 0 ? { problems: Object.fromEntries(found) } : { address: { ...typed, checked: true } }
}

// Demo data, under the account ids of the seed file, like the orders.
const addressByAccount = new Map<string, Address>([
  [
    'acc_alice',
    {
      name: 'Alice Liddell',
      street: '3 Deanery Garden',
      postcode: 'OX1 1DP',
      town: 'Oxford',
      country: 'United Kingdom',
    },
  ],
  [
    'acc_bob',
    {
      name: 'Bob Builder',
      street: '12 Scaffold Row',
      postcode: 'SE1 0AA',
      town: 'London',
      country: 'United Kingdom',
    },
  ],
])

export function addressOf(user: { id: string }): Address | undefined {
  return addressByAccount.get(user.id)
}

export function sendOrdersTo(user: { id: string }, { checked: _, ...address }: CheckedAddress): void {
  addressByAccount.set(user.id, address)
}
