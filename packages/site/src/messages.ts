/**
 * Every text of the kit's own pages. A page has its code for ever: docs/errors.md has a section for each, and a test keeps the two
 * together. A second language is one more object of this shape.
 */
export const en = {
  language: 'en',
  back: (siteName: string) => `Back to ${siteName}`,
  retry: 'Try again',
  errorCode: 'Error code',
  pages: {
    auth_unavailable: {
      title: 'Sign-in is not available right now',
      cause:
        'The sign-in server did not answer. Nothing is lost: everything that needs no sign-in goes on working, and so does everybody who is signed in.',
      fix: 'Please try again in a moment.',
    },
    issuer_mismatch: {
      title: 'The sign-in server has another name',
      cause:
        'The server that answered is not the one that this site was told to trust, so nobody is sent there. Everybody who is signed in stays so.',
      fix: 'Whoever runs this site has to make its setting ISSUER the same as that of the sign-in server, to the last character.',
    },
    login_state_missing: {
      title: 'This sign-in was not started here',
      cause: 'The address you came from does not belong to a sign-in of this site. It may have been cut off.',
      fix: 'Go to the site and sign in from there.',
    },
    login_state_unknown: {
      title: 'This sign-in could not be finished',
      cause:
        'It was started in another browser, or too long ago, or this browser keeps no cookies for this site.',
      fix: 'Allow cookies for this site, then try again from here.',
    },
    login_code_spent: {
      title: 'This sign-in was used before',
      cause: 'Each answer of the sign-in server works once and for a minute, and this one is over.',
      fix: 'Please try again.',
    },
    login_invalid: {
      title: 'This sign-in could not be trusted',
      cause:
        'The answer of the sign-in server did not pass the checks of this site, so nobody was signed in.',
      fix: 'Try again. If it happens again, the settings of one of the two servers are wrong: the log of this site says what did not fit.',
    },
    login_clock: {
      title: 'The clocks do not agree',
      cause:
        'By the clock of this site the answer of the sign-in server is not of now, so nobody was signed in.',
      fix: 'Whoever runs the two servers has to set their clocks. Nothing is wrong with your device.',
    },
    login_issuer: {
      title: 'Another server answered',
      cause:
        'The answer comes from another sign-in server than the one that was asked, so nobody was signed in.',
      fix: 'Try again from this site. If it happens again, its setting ISSUER is not the name that the sign-in server gives itself.',
    },
    login_too_old: {
      title: 'A fresh sign-in is needed',
      cause:
        'This page asks for a sign-in of the last minutes, and the sign-in server answered with an older one.',
      fix: 'Try again, and type your password when you are asked. If you are not asked, the sign-in server does not support this.',
    },
    user_invalid: {
      title: 'This site cannot work with your account',
      cause:
        'Your sign-in was right, but the sign-in server does not say everything about you that this site needs, so nobody was signed in here.',
      fix: 'Please tell the people who run this site. They can see which claim is missing, and why.',
    },
    login_refused: {
      title: 'The sign-in server refused',
      cause: 'It did not accept the request of this site, so nobody was signed in.',
      fix: 'Try again. If it happens again, the settings of this site are wrong: the code says what the server did not like.',
    },
    login_elsewhere: {
      title: 'This sign-in is for another server',
      cause: 'The link names a sign-in server that this site does not use.',
      fix: 'Go to the site and sign in from there.',
    },
    login_loop: {
      title: 'Signing in goes round in a circle',
      cause:
        'The sign-in succeeded three times within seconds, and each time this site knew nothing of it. So it was stopped.',
      fix: 'Put that right, then try again.',
    },
    session_ended: {
      title: 'This sign-in has already ended',
      cause: 'You were signed out, here or at another site, while the sign-in was under way.',
      fix: 'Please sign in again.',
    },
    session_too_large: {
      title: 'This session is too large',
      cause: 'What the sign-in server says about you does not fit into a cookie, so nobody was signed in.',
      fix: 'Whoever runs the sign-in server has to make the access token of this site smaller.',
    },
    logout_incomplete: {
      title: 'You are signed out here',
      cause:
        'The sign-in server did not answer, so the other sites could not be told. You may still be signed in there.',
      fix: 'Try again in a moment to sign out everywhere.',
    },
    logout_state_unknown: {
      title: 'This sign-out was not started here',
      cause:
        'The address you came from does not belong to a sign-out of this browser. Nothing was changed by it.',
      fix: 'To sign out, use the button of this site.',
    },
    cross_site_request: {
      title: 'This request came from another site',
      cause: 'Signing out is only possible from a page of this site. Nothing was changed.',
      fix: 'To sign out, use the button of this site.',
    },
    bad_request: {
      title: 'This request cannot be understood',
      cause: 'Something is missing in it, or given twice, or too long. Nothing was changed.',
      fix: 'Go back and try again from the page.',
    },
    internal_error: {
      title: 'Something went wrong here',
      cause: 'The mistake is on our side and was written down.',
      fix: 'Please try again.',
    },
  },
  /** What `login_loop` is about. */
  loops: {
    cookies: 'This browser does not send back the cookie of this site that holds the session.',
    secrets:
      'The cookie cannot be opened here: the servers of this site do not share one setting SESSION_SECRET.',
    replicas:
      'This server knows the session, and another one of this site does not: they do not share one setting SESSION_SECRET, or their clocks are apart.',
    clock: 'By the clock of this server the session is over as soon as it begins.',
    ended: 'The sign-in server says of each new session that it is over.',
    max_age:
      'Each new sign-in is older than this page allows: the clocks are apart, or it allows too little.',
  },
} as const

export type PageCode = keyof typeof en.pages
export type LoopReason = keyof typeof en.loops
