import { z } from 'zod'
import { isClaimName } from './claims.ts'

const wish = z.union([
  z.null(),
  z.object({
    essential: z.boolean().optional(),
    value: z.unknown().optional(),
    values: z.array(z.unknown()).max(32).optional(),
  }),
])
const wishes = z.record(z.string().max(128), wish).optional()
const schema = z.object({ userinfo: wishes, id_token: wishes })

/** Personal claims that a request asks for one by one (OpenID Connect Core 1.0 §5.5). Names that are not known are left out. */
export interface RequestedClaims {
  userinfo: string[]
  idToken: string[]
  /** The only people whose ID token is of use, if it says so (§5.5.1). */
  subjects: string[]
  /** The `acr` values of which one is essential, if any (§5.5.1.1). */
  essentialAcrs: string[] | undefined
}

/** `undefined` if it is not JSON of that shape. */
export function readRequestedClaims(text: string): RequestedClaims | undefined {
  const { success, data } = schema.safeParse(parsed(text))
  if (!success) return undefined
  const known = (part: z.infer<typeof wishes>) => Object.keys(part ?? {}).filter(isClaimName)
  const { sub, acr } = data.id_token ?? {}
  return {
    userinfo: known(data.userinfo),
    idToken: known(data.id_token),
    subjects: textsOf(sub),
    essentialAcrs: acr?.essential ? textsOf(acr) : undefined,
  }
}

function textsOf(asked: z.infer<typeof wish> | undefined): string[] {
  return [asked?.values ?? [], asked?.value ?? []].flat().filter((value) => typeof value === 'string')
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
