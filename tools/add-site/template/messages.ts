const site = '__TITLE__'

export const en = {
  site,
  description: `${site}, a site that signs in with Grove.`,
  skip: 'Skip to the page',
  nav: { label: site, home: 'Home', inside: 'Inside' },
  signIn: 'Sign in',
  chip: 'signed in with Grove',
  footer: `${site} keeps no session and no password. Grove is where you sign in.`,
  notices: {
    site: `You are signed out of ${site}. Grove still knows you, so signing in again takes no password.`,
    everywhere: 'You are signed out everywhere: here, at the other sites and at Grove.',
    elsewhere: `You were signed out somewhere else, so ${site} has closed your session here too.`,
    none: 'We asked Grove, and it does not know this browser yet. Look around, or sign in.',
  } as Record<string, string | undefined>,
  home: {
    title: 'A new site on the same root.',
    lead: 'It grew next to Alder and Birch. Whoever has signed in at one of them is known here on arrival.',
    greeting: (name: string) => `Hello ${name}`,
    via: (site: string) => `You signed in at ${site}, and that was enough.`,
    unknown: 'You signed in with Grove, and that was enough.',
    here: 'You signed in here. Now open another site: it will know you too.',
    inside: 'Go inside',
    session: 'What we know about you',
    grown: 'Three files make it a site',
    files: [
      ['sso.ts', 'Who this site is: its address, its name at Grove, its secrets from the environment.'],
      ['app/sso/[…path]/route.ts', 'Login, callback and logout, answered by the kit.'],
      ['app/inside/page.tsx', 'A page for people who are signed in. One line asks for a session.'],
    ],
  },
  inside: {
    title: 'Inside',
    lead: (name: string) => `Only people who are signed in come here, and you are ${name}.`,
    text: 'Put your own page in this place. The session is checked where the page is made, on every request, so the check cannot be gone around.',
  },
  session: {
    title: 'Your session',
    lead: `All that ${site} knows about you is in one sealed cookie in your browser. Its server keeps nothing.`,
    name: 'Name',
    email: 'Email',
    id: 'Account',
    via: 'Signed in at',
    nothing: 'not told',
    claims: 'The token, claim by claim',
    claim: 'Claim',
    value: 'Value',
    meaning: {
      iss: 'who signed it: Grove',
      sub: 'your account, neither name nor address',
      aud: 'the sites that may accept it',
      client_id: 'the site it was made for',
      scope: 'what it may be used for',
      sid: 'your sign-in at Grove, one for all sites',
      acr: 'how you proved who you are',
      auth_time: 'when you typed your password',
      iat: 'when it was made',
      exp: 'when it ends',
      jti: 'its serial number',
      status: 'its place in the list of revoked tokens',
    } as Record<string, string | undefined>, // a provider may add claims of its own
    out: 'Sign out',
    outSite: `Sign out of ${site}`,
    outSiteText: 'Ends this session only. The other sites and Grove still know you.',
    outEverywhere: 'Sign out everywhere',
    outEverywhereText: 'Ends your sign-in at Grove. Every site is told at once, in every open tab.',
  },
  lost: { title: 'Nothing grows here', text: 'There is no page at this address.' },
  broken: { title: 'The page did not open', text: 'Something failed on our side.', again: 'Try again' },
  toHome: 'To the first page',
}

export type Messages = typeof en

/** The texts of this site. A second language is one more object of this type, chosen here. */
export function messages(): Messages {
  return en
}
