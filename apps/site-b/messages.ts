export const en = {
  site: 'Birch',
  description: 'A reading journal: what you read, in your own words. Sign in once for Alder and Birch.',
  skip: 'Skip to the page',
  nav: { label: 'Birch', journal: 'Journal', notes: 'My notes' },
  signIn: 'Sign in',
  chip: 'signed in with Grove',
  footer: {
    about: 'Birch is a reading journal, and one half of a demonstration.',
    alder: 'Alder, the bookshop',
  },
  notices: {
    site: 'You are signed out of Birch. At Alder you may still be signed in.',
    everywhere: 'You are signed out everywhere: here, at Alder and at Grove.',
    elsewhere:
      'You were signed out in another window or at another site, so this page let go of what was yours.',
    none: 'We asked Grove, and it does not know this browser yet. Read on, or sign in.',
    offline: 'You are offline. What is on this page stays; new notes have to wait.',
  },
  welcome: {
    title: 'What you read, in your own words.',
    lead: 'Birch is a journal with ruled lines and room to write. A sentence a book is enough.',
    action: 'Sign in to write',
    known: 'Signed in at Alder, the bookshop? Then Birch will know you when you arrive.',
  },
  spread: {
    title: 'From open journals',
    lead: 'Four readers leave these pages open for everybody.',
    by: 'by',
  },
  why: {
    greeting: (name: string) => `Hello ${name}`,
    signedInAt: (site: string) => `You signed in at ${site}`,
    elsewhere: 'another site',
    noCookie: 'Your browser carried no cookie across: this is what happened.',
    here: (other: string) =>
      `Now open ${other}: it will know you without a click, and no cookie will cross. This is what will happen.`,
    title: 'Four requests, and you are known',
    lanes:
      'The line is your browser. It moves between two addresses and never carries a cookie from one to the other.',
    sent: 'Carries',
    set: 'Receives',
    nothing: 'no cookie',
    steps: (site: string, other: string) => [
      {
        title: `${site} sees a stranger`,
        text: `No cookie of ${site} comes along. So ${site} sends the browser to Grove to ask, once, without a form.`,
      },
      {
        title: 'Grove knows you',
        text: `You typed your password there on the way to ${other}, so Grove’s own cookie is waiting. Grove answers with a code that works once, within 60 seconds.`,
      },
      {
        title: `${site} trades the code`,
        text: `Server to server, out of the browser’s sight: the code for a signed token. ${site} checks it and seals it into a cookie of its own.`,
      },
      {
        title: `${site} says hello`,
        text: `From now on ${site} checks the token by itself, without a call to Grove and without a session store.`,
      },
    ],
    byLink: (site: string) =>
      `Came by ${site}’s sign-in link? Then the first request went to /sso/login. The other three are the same.`,
    jars: 'Three jars, three keys',
    jarsLead:
      'A browser keeps one cookie jar for each host. The __Host- in a name means: for this host alone, never for a neighbour.',
    jarOf: {
      alder: {
        name: 'Alder',
        text: 'A session sealed with a key that only Alder has. Birch never receives it.',
      },
      grove: { name: 'Grove', text: 'That you signed in. Only Grove ever receives it; no site does.' },
      birch: {
        name: 'Birch',
        text: 'The same name as at Alder, other contents, and a key that only Birch has.',
      },
    },
    next: { notes: 'Write a note', session: 'Read your token', alder: 'Go to Alder' },
  },
  notes: {
    title: 'My notes',
    book: 'Book',
    bookHint: 'Its title',
    text: 'Your note',
    add: 'Keep this note',
    adding: 'Keeping it…',
    count: (count: number) => (count === 1 ? '1 note' : `${count} notes`),
    empty: 'Nothing here yet',
    emptyText:
      'The first line is the hardest. Name the book you are in the middle of, and what you thought last.',
    open: (book: string) => `Open the note on ${book}`,
    remove: (book: string) => `Delete the note on ${book}`,
    back: 'All my notes',
    full: (limit: number) =>
      `Your journal holds ${limit} notes, and it is full. Delete one to keep this one.`,
    problems: {
      book: {
        missing: 'Which book is it? Write its title.',
        long: 'That is a long title. Shorten it to 120 letters.',
      },
      text: {
        missing: 'Write at least a word about it.',
        long: 'This note is too long. Shorten it to 2,000 letters.',
      },
    },
  },
  session: {
    title: 'Your session at Birch',
    lead: 'Birch keeps no list of who is signed in. All it knows about you travels in one cookie, and this is what is inside.',
    token: 'The token',
    header: 'Header',
    payload: 'Payload',
    signature: 'Signature',
    left: 'Left out here on purpose. With it this would be the token, and whoever held it would be you.',
    open: 'Anyone who holds this can read it, so nothing private is in it.',
    claims: 'The claims, in plain words',
    claim: 'Claim',
    value: 'Value',
    meaning: 'What it says',
    cookie: 'The cookie it lives in',
    facts: {
      from: 'Where from',
      fromText: (issuer: string) => `Birch made it, after ${issuer} vouched for you.`,
      name: 'Name',
      nameText: 'The first seven letters bind it to this one host.',
      flags: 'Flags',
      flagsText: 'No script reads it, it never travels in the clear, and other sites’ forms do not send it.',
      size: 'Size',
      bytes: (bytes: string) => `${bytes} bytes`,
      sizeText: 'of the 4,096 a browser allows: the token, what renews it and your name, pressed and sealed.',
      ends: 'Ends',
      endsText: 'Birch renews it shortly before, on your next page, without you noticing.',
    },
    out: 'Sign out',
    outSite: 'Sign out of Birch',
    outSiteText:
      'Ends this session only. Alder and Grove still know you, so Birch will again when you sign in.',
    outEverywhere: 'Sign out everywhere',
    outEverywhereText: 'Ends your sign-in at Grove. Alder and Birch are told at once, in every open tab.',
  },
  claims: {
    iss: 'who issued it: Grove',
    sub: 'who you are: an id, neither name nor address',
    aud: 'whom it is for: both sites, nobody else',
    client_id: 'which site asked for it',
    scope: 'what it opens',
    sid: 'your sign-in at Grove; the same at both sites',
    acr: 'how you proved who you are',
    jti: 'the serial number of this one token',
    status: 'its place in the public list of tokens that were taken back',
    auth_time: 'you typed your password',
    iat: 'issued',
    exp: 'ends',
  } as Record<string, string | undefined>,
  time: {
    in: (minutes: number, seconds: number) =>
      minutes > 0 ? `in ${minutes} min ${seconds} s` : `in ${seconds} s`,
    over: 'now; the next page renews it',
  },
  lost: {
    title: 'This page was never written',
    text: 'Perhaps the note was deleted, or the address has a slip of the pen in it.',
  },
  broken: {
    title: 'The page did not open',
    text: 'Something failed on our side. Your notes are where they were.',
    again: 'Try again',
  },
  home: 'To the journal',
}

export type Messages = typeof en

/** The texts of this site. A second language is one more object of this type, chosen here. */
export function messages(): Messages {
  return en
}
