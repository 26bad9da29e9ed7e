import { createHash } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { Root } from './places.ts'

const REDIRECT_URI = 'http://127.0.0.1:4010/callback'

/** Maple, somebody else's application (maple.json): Grove asks before it lets Maple know anybody. */
export class Maple {
  private server: Server | undefined

  /** Where Maple sends people. */
  asks(root: Root, scope: string, more: Record<string, string> = {}): string {
    const question = new URLSearchParams({
      ...{ client_id: 'maple', redirect_uri: REDIRECT_URI, response_type: 'code', scope, state: 'a state' },
      code_challenge: createHash('sha256').update('a verifier'.repeat(5)).digest('base64url'),
      code_challenge_method: 'S256',
      ...more,
    })
    return root.at(`/authorize?${question}`)
  }

  /** Answers at its address with what came there, until it is closed. */
  async opens(): Promise<void> {
    this.server = createServer((request, response) => {
      const { searchParams } = new URL(request.url ?? '/', REDIRECT_URI)
      response.setHeader('content-type', 'text/plain')
      response.end(searchParams.get('error') ?? (searchParams.has('code') ? 'a code came' : 'nothing came'))
    })
    await new Promise<void>((resolve) => this.server?.listen(4010, '127.0.0.1', resolve))
  }

  closes(): void {
    this.server?.close()
  }
}
