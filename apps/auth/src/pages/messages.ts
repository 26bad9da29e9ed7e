/** Every text of the auth pages, in English. A second language is one more object of type `Messages`. */
export const en = {
  language: 'en',
  brand: 'Grove',
  brandHome: 'Grove, home',
  skip: 'Skip to the page',
  notSignedIn: 'not signed in',
  signedInWith: 'signed in with Grove',
  title: (page: string) => `${page} · Grove`,

  login: {
    title: (site: string) => `Sign in to continue to ${site}`,
    heading: 'Sign in',
    destination: (site: string) => `to continue to ${site}`,
    reauthTitle: (site: string) => `Confirm it is you for ${site}`,
    reauthHeading: 'Confirm it is you',
    reauthDestination: (site: string) => `${site} asks you to sign in again before it continues.`,
    email: 'Email',
    password: 'Password',
    submit: 'Sign in',
    cancel: (site: string) => `Cancel and return to ${site}`,
    promise: (site: string) => `Your password stays with Grove. ${site} never sees it.`,
    demo: 'Demo accounts',
    demoNote: 'Here because this server runs with the development seed.',
    errors: {
      credentials: 'This email and password do not belong together. Check both, then try again.',
      emailMissing: 'Enter your email address and your password.',
      passwordMissing: 'Enter your password.',
      staleForm:
        'This page was open for too long, or your browser did not keep its cookie. Nothing is lost: sign in once more.',
      tooMany: 'Too many tries in a short time. Wait a little, then try again.',
      tooManyUntil: (when: string) => `Too many tries in a short time. You can try again ${when}.`,
    },
  },

  logoutConfirm: {
    title: 'Sign out everywhere',
    heading: 'Sign out everywhere?',
    account: (account: string) => `You are signed in as ${account}.`,
    asked: (site: string) => `${site} asks Grove to sign you out.`,
    consequence: 'This ends your login here and on every site that you entered with it, in this browser.',
    confirm: 'Sign out everywhere',
    stay: 'Stay signed in',
  },

  loggedOut: {
    title: 'Signed out',
    heading: 'You are signed out',
    done: 'Grove no longer knows you in this browser.',
    sites: 'Your sites',
    told: {
      confirmed: 'signed you out',
      pending: 'is being told; it forgets you within seconds',
      not_needed: 'had no login of yours',
    },
    back: (site: string) => `Back to ${site}`,
  },

  error: {
    refused: 'This cannot go on',
    failed: 'Grove cannot answer right now',
    whatToDoRefused:
      'Return to the site you came from and start again there. If it happens again, tell that site this code:',
    whatToDoFailed:
      'Nothing is lost. Wait a moment, then load this page again. If it stays, tell us this code:',
    back: (site: string) => `Back to ${site}`,
    reasons: {
      client_unknown: 'The site that sent you here is not known to this server.',
      return_address_missing: 'The site that sent you here did not say where to return to.',
      return_address_unknown: 'The address to return to is not registered for the site that sent you here.',
      logout_address_unknown:
        'The address to return to after signing out is not registered for the site that sent you here.',
      pushed_request_gone: 'This way to sign in was used before, or has taken too long.',
      pushed_request_needed: 'The site that sent you here has to send its request to this server first.',
      hint_of_another_site: 'The proof of who is to be signed out was made for another site.',
      hint_not_genuine: 'The proof of who is to be signed out (id_token_hint) is not genuine.',
      form_from_elsewhere: 'This form was sent from another site, so it was not read.',
      not_found: 'There is nothing at this address.',
      too_large: 'The request is too large.',
      busy: 'The server is busy. Please try again in a moment.',
      broken: 'Something went wrong on this server. Please try again.',
    },
  },

  formPost: {
    title: 'On your way back',
    heading: 'On your way back',
    button: 'Continue',
  },

  home: {
    title: 'Your login',
    heading: 'You are signed in',
    signedIn: 'Signed in',
    signedInAt: (when: string, site: string) => `${when}, at ${site}`,
    ends: 'Ends',
    sites: 'One login, these sites',
    signOut: 'Sign out everywhere',
    nobodyTitle: 'One login for every site',
    nobodyHeading: 'One root for every site',
    nobody: 'Sign in at one of these sites. The others know you when you arrive.',
  },
}

export type Messages = typeof en

/** The texts to show. The one place that chooses a language. */
export function messages(): Messages {
  return en
}
