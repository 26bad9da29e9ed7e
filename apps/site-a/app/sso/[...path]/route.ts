import { sso } from '../../../sso.ts'

export const { GET, POST } = sso.handlers
