import type { Context } from 'hono'
import type { Auth } from '../auth.ts'
import { register } from '../domain/registrations.ts'
import type { RegisterPageProps } from '../pages/index.ts'
import { notFound, tooMany } from './failures.ts'
import { interrupted, proceed, showLogin, showRegister } from './interactions.ts'
import { addressOf, formOf, requireSameOrigin, spendForm } from './requests.ts'

/** GET /register: a new account, on the way that an authorization request began. */
export async function getRegister(c: Context, auth: Auth): Promise<Response> {
  if (!auth.isRegistrationOpen) return notFound(c)
  const waiting = await interrupted(c, auth)
  return 'login' in waiting ? await showRegister(c, auth, waiting) : await proceed(c, auth, waiting)
}

/** POST /register: whoever sent it is shown the login page next, whether the email was new or not. */
export async function postRegister(c: Context, auth: Auth): Promise<Response> {
  if (!auth.isRegistrationOpen) return notFound(c)
  requireSameOrigin(c, auth.issuer)
  const waiting = await interrupted(c, auth)
  if (!('login' in waiting)) return await proceed(c, auth, waiting)
  const form = await formOf(c)
  const [email, password, name] = [form.get('email'), form.get('password'), form.get('name')]
  const again = (error: NonNullable<RegisterPageProps['error']>, more = {}) =>
    showRegister(c, auth, waiting, { email, name, error, ...more })

  if (!(await spendForm(c, auth, 'register', form))) return await again('stale_form')
  if (!email || !password) return await again('missing')
  try {
    await auth.limits.registration(addressOf(c, auth), auth.now())
    const problem = await register(auth.store, { email, password, name }, auth.now())
    if (problem) return await again(problem)
  } catch (error) {
    return await again('too_many', tooMany(error))
  }
  return await showLogin(c, auth, waiting, { reauth: false, email, isNew: true })
}
