import type { Operation } from './operations.ts'
import { PARAMETERS } from './parameters.ts'
import type { Route } from './route.ts'
import { SCHEMAS } from './schemas.ts'

const MEANING: Record<number, string> = {
  200: 'Done',
  201: 'Made',
  303: 'On to where it leads',
  304: 'The copy that is there is still right',
  400: 'The request is wrong',
  401: 'Whoever asks is not proved',
  403: 'Not allowed',
  404: 'Nothing is there',
  422: 'The form needs another look',
  429: 'Too many tries: come back after `Retry-After` seconds',
  503: 'Try again in a moment',
}
const PROOF: Record<NonNullable<Operation['proof']>[number], Record<string, string[]>[]> = {
  client: [{ clientSecretBasic: [] }, { clientInForm: [] }],
  token: [{ accessToken: [] }, { boundAccessToken: [] }],
  operator: [{ metricsToken: [] }],
  session: [{}, { session: [] }],
}
const SECURITY_SCHEMES = {
  clientSecretBasic: {
    type: 'http',
    scheme: 'basic',
    description: 'Client id and secret, each form-encoded.',
  },
  clientInForm: {
    type: 'oauth2',
    description:
      'In the form: `client_secret`, or `client_assertion`, or of a public client `client_id` alone.',
    flows: {},
  },
  accessToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
  boundAccessToken: { type: 'http', scheme: 'dpop', description: 'With a proof in the header `DPoP`.' },
  metricsToken: { type: 'http', scheme: 'bearer', description: 'METRICS_TOKEN.' },
  session: { type: 'apiKey', in: 'cookie', name: '__Host-sso' },
}

export interface Described extends Record<string, unknown> {
  paths: Record<string, Record<string, DescribedOperation>>
}
export interface DescribedParameter {
  name: string
  in: 'query' | 'header' | 'path'
  required: boolean
  description: string | undefined
  schema: object
}
export interface DescribedOperation {
  operationId: string
  summary: string
  tags: string[]
  parameters?: DescribedParameter[]
  requestBody?: { required: boolean; content: Record<string, { schema: FormSchema }> }
  responses: Record<string, { description: string; content?: object }>
  security?: object[]
}
interface FormSchema {
  type: 'object'
  required: string[]
  properties: Record<string, { type: string; description?: string | undefined }>
}
const FORM = 'application/x-www-form-urlencoded'

/** The route table in the words of OpenAPI 3.1: every route, what it takes and what it answers. */
export function describe(routes: readonly Route[], issuer: string): Described {
  const paths: Described['paths'] = {}
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}').replace('*', '{file}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: describeRoute(route, path) }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Grove', version: '1', summary: 'One login for every site', license: { name: 'MIT' } },
    servers: [{ url: issuer }],
    paths,
    components: { schemas: SCHEMAS, securitySchemes: SECURITY_SCHEMES },
  }
}

function describeRoute(route: Route, path: string): DescribedOperation {
  const inPath = [...path.matchAll(/{(\w+)}/g)].map(([, name]) => `${name}!`).join(' ')
  const parameters = [
    ...namesOf(inPath).map(parameterIn('path')),
    ...namesOf(route.query).map(parameterIn('query')),
    ...namesOf(route.headers).map(parameterIn('header')),
  ]
  return {
    operationId: `${route.method.toLowerCase()}${path.replace(/\W+(\w?)/g, (_, next: string) => next.toUpperCase())}`,
    summary: route.is,
    tags: [route.for],
    ...(parameters.length > 0 && { parameters }),
    ...(route.form && {
      requestBody: { required: true, content: { [FORM]: { schema: formOf(route.form) } } },
    }),
    responses: {
      ...Object.fromEntries(
        Object.entries(route.answers).map(([status, answer]) => [status, responseOf(Number(status), answer)]),
      ),
      default: { ...responseOf(0, route.for === 'people' ? 'page' : 'Error'), description: 'Anything else' },
    },
    ...(route.proof && { security: route.proof.flatMap((proof) => PROOF[proof]) }),
  }
}

const namesOf = (names = ''): { name: string; required: boolean }[] =>
  names
    .split(' ')
    .filter(Boolean)
    .map((name) => ({ name: name.replace('!', ''), required: name.endsWith('!') }))

const parameterIn =
  (place: DescribedParameter['in']) =>
  ({ name, required }: { name: string; required: boolean }): DescribedParameter => ({
    name,
    in: place,
    required,
    description: PARAMETERS[name],
    schema: { type: 'string' },
  })

function formOf(form: string): FormSchema {
  const names = namesOf(form)
  return {
    type: 'object',
    required: names.filter(({ required }) => required).map(({ name }) => name),
    properties: Object.fromEntries(
      names.map(({ name }) => [name, { type: 'string', description: PARAMETERS[name] }]),
    ),
  }
}

function responseOf(
  status: number,
  answer: Operation['answers'][number],
): { description: string; content?: object } {
  const description = MEANING[status] ?? ''
  if (answer === 'nothing' || answer === 'redirect') return { description }
  if (answer === 'page') return { description, content: { 'text/html': { schema: { type: 'string' } } } }
  if (answer.includes('/')) return { description, content: { [answer]: { schema: { type: 'string' } } } }
  return {
    description,
    content: { 'application/json': { schema: { $ref: `#/components/schemas/${answer}` } } },
  }
}
