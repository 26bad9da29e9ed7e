import type { AddressField, Problem } from './addresses.ts'
import type { OrderStatus } from './orders.ts'

/** Every text of Alder. A second language is one more object of this shape. */
export const en = {
  language: 'en',
  shop: {
    name: 'Alder',
    title: 'Alder, an independent bookshop',
    description: 'One table, twelve books, changed once a season. The first of the two sites of Grove.',
    skip: 'Skip to the content',
    nav: { label: 'Main', table: 'The table', orders: 'Orders', birch: 'Birch' },
    signIn: 'Sign in',
    signedInWith: 'signed in with Grove',
    footer: 'Alder wood is white until it is cut. Then it turns russet.',
    footerDemo: 'A demonstration of Grove single sign-on. Nothing here is really sold.',
  },
  home: {
    headline: 'Twelve books, chosen slowly.',
    lead: 'We keep one table, change it once a season, and have read everything on it.',
    signInWhy: 'Sign in once, here or at Birch, and both know you.',
    greeting: (name: string) => `Hello ${name}`,
    why: {
      here: 'You signed in here {time}.',
      elsewhere: (site: string) => `You signed in at ${site} {time}.`,
      unknown: 'You signed in with Grove {time}.',
      noCookieAcross:
        'Your browser carried no cookie across: it went by way of Grove, which knew you, and came back with a session that is Alder’s own.',
    },
    route: (site: string) => [
      { place: site, what: 'You typed your password' },
      { place: 'Grove', what: 'Kept one session, on its own address' },
      { place: 'Alder', what: 'Asked, and was told who you are' },
    ],
    tableHeading: 'On the table',
    tableLead: 'Winter 2026. Every title is in print and in the shop.',
  },
  notice: {
    site: 'You are signed out of Alder. Grove still knows you, so signing in again takes no password.',
    everywhere: 'You are signed out everywhere: at Alder, at Birch and at Grove.',
    elsewhere: 'You were signed out somewhere else, so Alder has closed your session here too.',
    none: 'Alder asked Grove who you are. Nobody is signed in in this browser, so you see the shop as everyone does.',
  },
  notes: {
    heading: 'Your reading notes at Birch',
    how: 'Alder’s server fetched these from Birch with your own token. One token, both sites.',
    loading: 'Asking Birch for your notes…',
    empty: { heading: 'No notes yet', text: 'What you write in your journal at Birch shows up here.' },
    write: 'Write one at Birch',
    all: 'All notes at Birch',
    unreachable: {
      heading: 'Birch does not answer',
      text: 'You are still signed in, and your notes are safe over there. Only this corner of the page is missing.',
    },
    retry: 'Try again',
    signedOut: {
      heading: 'A margin for your notes',
      text: 'Keep a reading journal at Birch, and what you write appears here, beside the books it is about. You sign in once for both.',
    },
    visit: 'Visit Birch',
  },
  orders: {
    title: 'Your orders',
    lead: (count: number) => (count === 1 ? 'One parcel so far.' : `${count} parcels so far.`),
    emptyHeading: 'Nothing ordered yet',
    empty: 'Your parcels will be listed here. The table is set.',
    toTable: 'See the table',
    toAddress: 'Where they go',
    number: (id: string) => `Order ${id}`,
    placed: 'Ordered',
    back: 'All orders',
    copies: (count: number) => `${count} ×`,
    subtotal: 'Books',
    postage: 'Postage',
    free: 'free',
    total: 'Total',
    status: {
      packing: 'Being packed',
      sent: 'On its way',
      delivered: 'Delivered',
    } satisfies Record<OrderStatus, string>,
    titles: (first: string, more: number) => (more === 0 ? first : `${first} and ${more} more`),
  },
  address: {
    title: 'Where your orders go',
    present: 'On the label of your next parcel',
    none: 'There is no address yet. Write one, and your next parcel goes there.',
    sender: 'From Alder, the shop with one table',
    change: 'Send my orders to another address',
    why: 'Whoever can change this gets your books. So if your last sign-in is more than five minutes ago, Grove asks for your password first, and what you typed waits for you.',
    waiting:
      'Thank you, it is you. This is what you typed, and nothing has been sent anywhere yet. Look at it once more, then confirm.',
    done: 'Done. Your next parcel goes to the address on the label.',
    send: 'Send my orders there',
    sending: 'Changing…',
    fields: {
      name: 'Name',
      street: 'Street and number',
      postcode: 'Postcode',
      town: 'Town',
      country: 'Country',
    } satisfies Record<AddressField, string>,
    autoComplete: {
      name: 'shipping name',
      street: 'shipping street-address',
      postcode: 'shipping postal-code',
      town: 'shipping address-level2',
      country: 'shipping country-name',
    } satisfies Record<AddressField, string>,
    problems: {
      missing: 'Please fill this in.',
      long: 'This is too long for a label.',
    } satisfies Record<Problem, string>,
  },
  book: {
    title: 'Your notes, bound',
    lead: 'Everything you wrote at Birch, set as a small paperback. This is the proof.',
    how: 'Birch hands out a whole journal only to somebody who has signed in during the last five minutes. When your sign-in is older, Birch tells Alder’s server so (RFC 9470), and Alder sends you to Grove, once.',
    pages: (count: number) => (count === 1 ? 'One note, one page.' : `${count} notes, ${count} pages.`),
    refused: {
      heading: 'Birch wants a more recent sign-in',
      text: 'You have only just signed in, and for Birch that is still not recent enough. Signing in again would change nothing, so Alder does not ask you to. Perhaps the clocks of the two servers differ; please try again in a few minutes.',
    },
    retry: 'Try again',
    toNotes: 'Your notes at Birch',
    link: 'Have them bound',
  },
  session: {
    title: 'Your session',
    lead: 'Everything Alder knows about you is in one sealed cookie in your browser. Its server keeps nothing.',
    signedIn: 'You signed in',
    via: (site: string) => `at ${site}`,
    began: 'Alder learned of it',
    brought: 'with the redirect from Grove',
    token: 'This token',
    tokenHeading: 'The token, opened',
    readable: 'Anyone who holds this can read it, so nothing private is in it.',
    parts: { header: 'Header', payload: 'Payload', signature: 'Signature' },
    signatureLeftOut:
      'Left out on purpose. With it, this text would be you; without it, it is only something to read.',
    claimsHeading: 'Claim by claim',
    claim: 'Claim',
    value: 'Value',
    claims: {
      iss: 'who signed it',
      sub: 'your account at Grove',
      aud: 'who may accept it',
      client_id: 'the site it was made for',
      scope: 'what it may be used for',
      sid: 'your session at Grove, one for all sites',
      auth_time: 'when you typed your password',
      acr: 'how you proved who you are',
      iat: 'when it was made',
      exp: 'when it ends',
      jti: 'its serial number',
      status: 'its place in the list of revoked tokens',
    } as Record<string, string>, // a provider may add claims of its own
    cookieHeading: 'The cookie it travels in',
    cookie: (name: string, size: string): [name: string, text: string][] => [
      ['Name', name],
      ['Came with', 'The redirect from Grove to /sso/callback. It is written anew with each new token.'],
      [
        'Flags',
        'HttpOnly: no script reads it. Secure. SameSite=Lax. Path=/. No Domain: no other host gets it.',
      ],
      ['Size', `${size} characters, sealed with A256GCM.`],
      ['Inside', 'This token, a refresh token, your name and e-mail. Only Alder’s server can open it.'],
    ],
    outHeading: 'Sign out',
    out: {
      site: {
        heading: 'Of this site only',
        what: 'Ends the session at Alder. Birch and Grove still know you, and coming back takes no password.',
        button: 'Sign out of Alder',
      },
      everywhere: {
        heading: 'Everywhere',
        what: 'Ends the session at Grove and at every site. Open tabs notice within a second or two.',
        button: 'Sign out everywhere',
      },
    },
  },
  time: {
    endsIn: (minutes: number, seconds: number) => `ends in ${minutes ? `${minutes} min ` : ''}${seconds} s`,
    ended: 'ended; the next page brings a new one',
  },
  lost: {
    title: 'Not on our shelves',
    text: 'There is no such page, or it is not yours to see.',
    home: 'Back to the table',
  },
  broken: {
    title: 'A shelf came down',
    text: 'Something went wrong on our side. You are still signed in, if you were.',
    retry: 'Try again',
    code: (digest: string) => `If you write to us about it, mention ${digest}.`,
  },
}

export type Messages = typeof en

/** The texts in the reader's language. The one place that will choose, once there is a second language. */
export function messages(): Messages {
  return en
}
