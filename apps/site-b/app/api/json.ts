// A note of 2,000 letters, each escaped, with room to spare.
const MAX_BODY_BYTES = 32_768

export const json = (body: unknown, status = 200): Response =>
  Response.json(body, { status, headers: { 'cache-control': 'no-store', vary: 'cookie, authorization' } })

export const refusal = (status: number, error: string, description: string): Response =>
  json({ error, error_description: description }, status)

/** The JSON body of a request, or the answer that says why there is none: 415, 413, 400. Reads no more than it may. */
export async function readJson(request: Request): Promise<{ body: unknown } | { response: Response }> {
  if (request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() !== 'application/json')
    return { response: refusal(415, 'unsupported_media_type', 'Send application/json.') }
  const chunks: Uint8Array[] = []
  let size = 0
  // as: Node's streams can be iterated, which the DOM's type does not say.
  for await (const chunk of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength
    if (size > MAX_BODY_BYTES)
      return { response: refusal(413, 'too_large', `A body has at most ${MAX_BODY_BYTES} bytes.`) }
    chunks.push(chunk)
  }
  try {
    return { body: JSON.parse(Buffer.concat(chunks).toString('utf8')) }
  } catch {
    return { response: refusal(400, 'invalid_request', 'The body is not JSON.') }
  }
}
