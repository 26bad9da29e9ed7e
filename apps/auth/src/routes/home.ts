import type { Context } from 'hono'
import type { Auth } from '../auth.ts'
import { homePage } from '../pages/index.ts'
import { sitesOf } from './account.ts'
import { page, redirect } from './answers.ts'
import { browserSession } from './requests.ts'

/** GET /: the way to the account page, or for a stranger to the sites. */
export async function getHome(c: Context, auth: Auth): Promise<Response> {
  if (await browserSession(c, auth)) return redirect(c, '/account')
  return page(c, homePage({ sites: sitesOf(auth) }))
}
