import { type ApiOptions, withoutLogin } from '../options.ts'
import { createHonoSite, type HonoSite } from './index.ts'

export type HonoApi = Pick<HonoSite, 'cors' | 'requireBearer'>

/**
 * An API without pages: nobody logs in there, so it is no client of the provider and has no secret.
 * @throws SettingsError if an option cannot be right
 */
export function createHonoApi(options: ApiOptions): HonoApi {
  const { cors, requireBearer } = createHonoSite(withoutLogin(options))
  return { cors, requireBearer }
}
