/** The one client, and the one person, at every provider. */
export const client = {
  id: 'bench',
  secret: 'a-secret-of-the-bench-that-guards-nothing',
  redirectUri: 'http://127.0.0.1:9/callback',
  resource: 'https://api.example.com',
}

export const account = {
  password: 'a password of the bench',
  claims: {
    sub: 'person',
    email: 'person@example.com',
    email_verified: true,
    name: 'Person of the Bench',
    given_name: 'Person',
    family_name: 'Bench',
    preferred_username: 'person',
    locale: 'en-GB',
    updated_at: 1_764_000_000,
  },
}

export const SCOPE = 'openid profile email offline_access'
