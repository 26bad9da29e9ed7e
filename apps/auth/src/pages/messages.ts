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
    isNew: 'You can sign in now, with the password that you have just chosen.',
    register: 'Create an account',
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

  cookies: {
    title: 'Too many cookies',
    reason: 'Your browser sends more cookies to this server than it reads, so it cannot go on.',
    consequence:
      'They can be cleared here. You are signed out of Grove in this browser then, and of what shares its cookies.',
    clear: 'Clear the cookies',
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
      hint_not_genuine: 'The proof of who is to be signed out (id_token_hint) is not genuine.',
      form_from_elsewhere: 'This form was sent from another site, so it was not read.',
      not_found: 'There is nothing at this address.',
      method_not_allowed: 'This address is not asked in this way.',
      too_large: 'The request is too large.',
      busy: 'The server is busy. Please try again in a moment.',
      broken: 'Something went wrong on this server. Please try again.',
    },
  },

  docs: {
    title: 'What this server answers',
    heading: 'What this server answers',
    lead: 'Every address, made from the same table that the server routes by. For programs:',
    tags: {
      people: 'What a browser comes for',
      clients: 'What a client comes for',
      everyone: 'What anybody may know',
      operators: 'What its operator comes for',
    },
    required: (place: string) => `${place}, needed`,
    answer: 'answer',
  },

  formPost: {
    title: 'On your way back',
    heading: 'On your way back',
    button: 'Continue',
  },

  consent: {
    title: (client: string) => `Allow ${client}?`,
    heading: (client: string) => `Allow ${client}?`,
    wants: (client: string) => `${client} is not one of our own sites. It asks for this:`,
    scopes: {
      openid: 'Recognise you when you come back',
      profile: 'See your name and your profile: picture, birthday, gender, language',
      email: 'See your email address',
      address: 'See your postal address',
      phone: 'See your phone number',
      roles: 'See what you may do at our sites',
      offline_access: 'Go on with this while you are elsewhere, until this login ends',
      notes: 'Read and write your notes',
    },
    unknownScope: (scope: string) => `Use its permission “${scope}”`,
    where: 'Used at',
    howLong: 'How long',
    ends: 'Until this login ends,',
    remembered: (client: string) =>
      `. Your answer is remembered, so ${client} is not asked about again. Take it back at any time on`,
    account: 'your account page',
    allow: 'Allow',
    deny: 'Do not allow',
    stale:
      'This page was open for too long, or it was meant for another login. Nothing was allowed: answer once more.',
    policy: (client: string) => `What ${client} does with your data`,
    terms: (client: string) => `Terms of ${client}`,
  },

  register: {
    title: 'Create an account',
    heading: 'Create an account',
    name: 'Name (you may leave it out)',
    submit: 'Create account',
    back: 'I have an account',
    errors: {
      email: 'Enter an email address, such as name@example.com.',
      name: 'Enter a name of at most 100 letters.',
      missing: 'Enter your email address and a password.',
      stale_form:
        'This page was open for too long, or your browser did not keep its cookie. Nothing is lost: send it once more.',
    },
  },

  password: {
    heading: 'Change your password',
    consequence: 'Every other device is signed out. This browser stays signed in.',
    present: 'Present password',
    wanted: 'New password',
    hint: '8 characters or more. Several words make a good one.',
    submit: 'Change password',
    errors: {
      missing: 'Enter your present password and the new one.',
      wrong_password: 'This is not your present password. Check it, then try again.',
      changed_meanwhile: 'Your password was changed a moment ago, somewhere else. Nothing was changed here.',
      too_short: 'Too short: use 8 characters or more.',
      too_long: 'Too long: use at most 1,000 bytes.',
      forbidden_character: 'It holds a character that cannot be typed (NUL). Leave that out.',
      common:
        'Too easy to guess: it is among the passwords that are tried first. Use a few words that only you would put together.',
    },
  },

  account: {
    title: 'Your account',
    sites: 'One login, these sites',
    signOut: 'Sign out of this browser',
    stale: 'This page was open for too long, or you used it twice. Nothing was changed: try once more.',
    devices: 'Your devices',
    devicesNote:
      'Where you are signed in, and the sites that know you there. What you end is over at once. A site that you go back to knows you again while that device is signed in.',
    unknownDevice: 'A device that did not say what it is',
    thisBrowser: 'this browser',
    signedIn: 'Signed in',
    at: (site: string) => `, at ${site}.`,
    ends: 'Ends',
    leave: 'Sign out',
    leaveAbout: (site: string, device: string) => `Sign out of ${site} on ${device}`,
    endDevice: 'Sign out this device',
    endDeviceAbout: (device: string) => `Sign out this device: ${device}`,
    endThisBrowser: 'Sign out this browser',
    endAll: 'Sign out everywhere, this browser too',
    applications: 'Connected applications',
    applicationsNote: 'They are not our own. You allowed them to know this about you.',
    noApplications: 'None. An application that is not our own asks you first, and then stands here.',
    allowed: 'Allowed',
    withdraw: 'Withdraw',
    withdrawAbout: (client: string) => `Withdraw what you allowed ${client}`,
    events: 'What happened lately',
    eventInWords: (type: string, client: string) => {
      const words: Record<string, string> = {
        'account.registered': 'You created this account',
        'registration.repeated': 'Somebody tried to create an account with your email',
        'login.succeeded': `Signed in at ${client}`,
        'login.failed': 'Somebody entered a wrong password',
        'session.ended': 'A device was signed out',
        'grant.revoked': `Signed out of ${client}`,
        'code.reused': `${client} used a sign-in twice, so it was ended`,
        'refresh.reused': `A copy of a sign-in at ${client} was used, so it was ended`,
        'logout.delivered': `${client} confirmed that it signed you out`,
        'logout.failed': `${client} could not be told that you signed out; it learns it within seconds`,
        'password.changed': 'You changed your password',
        'password.set': 'Your password was replaced by an operator',
        'claims.changed': 'What we know about you was changed by an operator',
        'grant.reissued': `${client} was told what has changed`,
        'consent.given': `You allowed ${client}`,
        'consent.withdrawn': `You took back what you allowed ${client}`,
      }
      return words[type] ?? type
    },
    done: {
      'password.changed': 'Your password is changed. Every other device is signed out.',
      'session.ended': 'That device is signed out, at every site.',
      'grant.revoked': 'Signed out of that site, on that device.',
      'consent.withdrawn': 'Taken back. That application no longer knows you.',
    },
  },

  home: {
    title: 'One login for every site',
    heading: 'One root for every site',
    nobody: 'You are not signed in. Sign in at one of these sites, and the others know you when you arrive.',
  },
}

export type Messages = typeof en

/** The texts to show. The one place that chooses a language. */
export function messages(): Messages {
  return en
}
