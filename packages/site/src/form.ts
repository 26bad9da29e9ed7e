const MOST_BYTES = 16_384

/** The fields of a posted form; `null` if it is not one, is too large (chunked or not), or names a field twice. */
export async function readForm(request: Request): Promise<Map<string, string> | null> {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/x-www-form-urlencoded' || !request.body) return null
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of request.body as unknown as AsyncIterable<Uint8Array>) {
    // the DOM's type lacks the iterator
    length += chunk.byteLength
    if (length > MOST_BYTES) return null
    chunks.push(chunk)
  }
  const fields = [...new URLSearchParams(Buffer.concat(chunks).toString())]
  const form = new Map(fields)
  return form.size === fields.length ? form : null
}
