import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { askAs, Browser, errorOf, ISSUER, openProvider, type Provider, SITE_A } from '../testing/index.ts'

let provider: Provider
beforeAll(async () => {
  provider = await openProvider()
})
afterAll(() => provider.close())

const introspect = (clientId: string, token: string) => askAs(provider, clientId, '/introspect', { token })
const INACTIVE = { active: false }

describe('IN-1 X-11 introspection', () => {
  test('says what an access token is, to the client it was issued to and to a site among its audiences', async () => {
    const { access_token } = await new Browser(provider).tokens('alder', { resource: SITE_A })
    const answer = await (await introspect('alder', access_token)).json()
    expect(answer).toMatchObject({
      ...{
        active: true,
        iss: ISSUER,
        sub: 'acc_alice',
        client_id: 'alder',
        aud: SITE_A,
        token_type: 'Bearer',
      },
    })
    expect(Object.keys(answer).toSorted()).not.toContain('email')
    expect(await (await introspect('birch', access_token)).json()).toEqual(INACTIVE)
    const both = await new Browser(provider).tokens('alder')
    expect(await (await introspect('birch', both.access_token)).json()).toMatchObject({ active: true })
  })

  test('IN-1 a token that a client got for itself has no grant, and is active until its time is over', async () => {
    const { access_token } = await (
      await askAs(provider, 'larch', '/token', { grant_type: 'client_credentials', resource: SITE_A })
    ).json()
    const said = { active: true, sub: 'larch', client_id: 'larch', aud: SITE_A }
    for (const clientId of ['larch', 'alder'])
      expect(await (await introspect(clientId, access_token)).json()).toMatchObject(said)
    await askAs(provider, 'larch', '/revoke', { token: access_token })
    expect(await (await introspect('larch', access_token)).json()).toMatchObject(said)
    provider.pass(311)
    expect(await (await introspect('larch', access_token)).json()).toEqual(INACTIVE)
  })

  test('says what a refresh token is, to its client alone, and only of the current one', async () => {
    const browser = new Browser(provider)
    const { refresh_token } = await browser.tokens('alder')
    expect(await (await introspect('alder', refresh_token)).json()).toMatchObject({
      ...{ active: true, client_id: 'alder', sub: 'acc_alice' },
    })
    expect(await (await introspect('birch', refresh_token)).json()).toEqual(INACTIVE)
    await askAs(provider, 'alder', '/token', { grant_type: 'refresh_token', refresh_token })
    expect(await (await introspect('alder', refresh_token)).json()).toEqual(INACTIVE)
  })

  test('says nothing of what is unknown, forged, foreign, revoked or expired', async () => {
    const { access_token, refresh_token } = await new Browser(provider).tokens('cedar')
    for (const token of ['x', 'e30.e30.e30', `${access_token}x`, '__proto__'])
      expect(await (await introspect('alder', token)).json()).toEqual(INACTIVE)
    expect(await (await introspect('alder', access_token)).json()).toEqual(INACTIVE)
    expect(await (await introspect('cedar', access_token)).json()).toMatchObject({ active: true })
    await askAs(provider, 'cedar', '/revoke', { token: refresh_token })
    expect(await (await introspect('cedar', access_token)).json()).toEqual(INACTIVE)
    expect(await (await introspect('cedar', refresh_token)).json()).toEqual(INACTIVE)

    const later = await new Browser(provider).tokens('cedar')
    provider.pass(311)
    expect(await (await introspect('cedar', later.access_token)).json()).toEqual(INACTIVE)
  })

  test('CA-1 is for clients that prove who they are: not without a secret, and no public one', async () => {
    const body = new URLSearchParams({ client_id: 'alder', token: 'x' })
    const nobody = await provider.fetch(`${ISSUER}/introspect`, { method: 'POST', body })
    expect(await errorOf(nobody)).toBe('401 invalid_client')
    expect(await errorOf(await introspect('elm', 'x'))).toBe('403 unauthorized_client')
    expect(await errorOf(await introspect('alder', ''))).toBe('400 invalid_request')
  })
})
