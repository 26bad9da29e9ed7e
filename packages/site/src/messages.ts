/** Every text of the kit's own pages. A second language is one more object of this shape. */
export const en = {
  language: 'en',
  back: (siteName: string) => `Back to ${siteName}`,
  retry: 'Try again',
  errorCode: 'Error code',
  pages: {
    auth_unavailable: {
      title: 'Sign-in is not available right now',
      text: 'The sign-in server did not answer. Nothing is lost: everything that needs no sign-in goes on working, and so does everybody who is signed in. Please try again in a moment.',
    },
    cookies_or_link: {
      title: 'This sign-in could not be finished',
      text: 'It was started in another browser, or too long ago, or this browser keeps no cookies for this site. Allow cookies for it, then start again from here.',
    },
    login_invalid: {
      title: 'This sign-in could not be trusted',
      text: 'The answer of the sign-in server did not pass the checks of this site, so nobody was signed in. If it happens again, the clock or the settings of one of the two servers is wrong.',
    },
    user_invalid: {
      title: 'This site cannot work with your account',
      text: 'Your sign-in was right, but the sign-in server does not say everything about you that this site needs, so nobody was signed in here. Please tell the people who run this site.',
    },
    login_refused: {
      title: 'The sign-in server refused',
      text: 'It did not accept the request of this site, so nobody was signed in. If it happens again, the settings of this site are wrong.',
    },
    session_ended: {
      title: 'This sign-in has already ended',
      text: 'You were signed out, here or at another site, while the sign-in was under way. Please sign in again.',
    },
    logout_incomplete: {
      title: 'You are signed out here',
      text: 'The sign-in server did not answer, so the other sites could not be told. You may still be signed in there. Try again in a moment to sign out everywhere.',
    },
    logout_unknown: {
      title: 'This sign-out was not started here',
      text: 'The address you came from does not belong to a sign-out of this browser. Nothing was changed by it.',
    },
    cross_site_request: {
      title: 'This request came from another site',
      text: 'Signing out is only possible from a page of this site. Nothing was changed.',
    },
    bad_request: {
      title: 'This request cannot be understood',
      text: 'Something is missing in it, or given twice, or too long. Nothing was changed.',
    },
    internal_error: {
      title: 'Something went wrong here',
      text: 'The mistake is on our side and was written down. Please try again.',
    },
  },
} as const

export type PageCode = keyof typeof en.pages
