import { sso } from '../../../sso.ts'

export const GET = (request: Request): Promise<Response> => sso.handlers.GET(request)
export const POST = (request: Request): Promise<Response> => sso.handlers.POST(request)
