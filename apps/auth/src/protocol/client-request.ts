import type { Params } from './params.ts'

/** What a client's server sent to one of our endpoints, before anything of it is believed. */
export interface ClientRequest {
  /** Of the endpoint, such as `/token`. */
  path: string
  method: 'GET' | 'POST'
  params: Params
  /** The headers `Authorization` and `DPoP`, as they came. */
  authorization: string | undefined
  dpop: string | undefined
  /** Where it came from, as far as that can be known. */
  address: string
  /** Is told which client this was proved to be. */
  identified?(clientId: string): void
}
