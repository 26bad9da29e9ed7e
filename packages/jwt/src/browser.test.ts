import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type Context, createContext, runInContext } from 'node:vm'
import { gzipSync } from 'node:zlib'
import { build, type Metafile } from 'esbuild'
import { beforeAll, describe, expect, test } from 'vitest'
import type * as Jwt from './index.ts'
import { ALDER, accessClaims, ISSUER, NOON } from './issuer.fixture.ts'

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

/** The module as one script for a browser, a worker or an edge runtime (such as that of Next's proxy). */
async function bundle(): Promise<{ code: string; metafile: Metafile }> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: path('.'),
    entryPoints: ['index.ts'],
    bundle: true,
    minify: true,
    platform: 'browser', // an import of anything of Node is an error here
    format: 'iife',
    globalName: 'jwt',
    target: 'es2023',
    write: false,
    metafile: true,
    logLevel: 'silent',
  })
  return { code: outputFiles[0]?.text ?? '', metafile }
}

/** All that the module asks of where it runs. A name that is added has to be in every browser and on every edge. */
const WEB = {
  crypto,
  CryptoKey,
  TextEncoder,
  TextDecoder,
  atob,
  btoa,
  URL,
  Blob,
  CompressionStream,
  DecompressionStream,
  AbortSignal,
  structuredClone,
}

// A context has intrinsics of its own, so bytes of Node's TextEncoder would be no `Uint8Array` there. In a browser both are of one
// realm, and with these two they are here.
const REALM = { Uint8Array, ArrayBuffer }

const OF_NODE = ['process', 'Buffer', 'require', 'module', 'exports', 'global', 'setImmediate', '__dirname']

let code: string
let metafile: Metafile
let context: Context
let jwt: typeof Jwt
beforeAll(async () => {
  ;({ code, metafile } = await bundle())
  context = createContext({ ...WEB, ...REALM })
  runInContext(code, context)
  jwt = runInContext('jwt', context) as typeof Jwt // `globalName` of the bundle
})

test('the bundle holds this module and jose, and leaves nothing to import', () => {
  const inputs = Object.keys(metafile.inputs)
  const foreign = inputs.filter((input) => !/^[\w-]+\.ts$|\/jose\/dist\/webapi\//.test(input))
  const imports = [...Object.values(metafile.inputs), ...Object.values(metafile.outputs)].flatMap(
    (file) => file.imports,
  )
  expect(inputs.length).toBeGreaterThan(20)
  expect(foreign).toEqual([])
  expect(imports.filter(({ path, external }) => external || path.startsWith('node:'))).toEqual([])
  const kilobytes = [code, gzipSync(code)].map(({ length }) => (length / 1000).toFixed(1))
  console.info(`@grove/jwt for browsers, jose included: ${kilobytes[0]} kB, ${kilobytes[1]} kB gzipped`)
})

test('the module compiles without the types of Node', { timeout: 60_000 }, async () => {
  const options = ['--ignoreConfig', '--noEmit', '--strict', '--skipLibCheck', '--allowImportingTsExtensions']
  const target = ['--target', 'es2023', '--module', 'preserve', '--types', '']
  const tsc = [path('../node_modules/typescript/bin/tsc'), ...options, ...target, path('./index.ts')]
  const errors = await promisify(execFile)(process.execPath, tsc).then(
    ({ stdout }) => stdout,
    ({ stdout, message }) => stdout || message,
  )
  expect(errors).toBe('')
})

describe('pain 23: where there is no Node, the module', () => {
  const now = () => NOON
  const signed = async (alg: Jwt.AsymmetricAlgorithm) => {
    const { privateJwk, publicJwk } = await jwt.generateKey(alg)
    return { key: await jwt.importPrivateKey(privateJwk, alg), publicJwk }
  }
  const verifierOf = (keys: Jwt.KeySource, more: Partial<Jwt.VerifierOptions> = {}) =>
    jwt.createVerifier({
      issuer: ISSUER,
      audience: ALDER,
      algorithms: ['ES256', 'RS256', 'Ed25519'],
      keys,
      status: 'unchecked',
      now,
      ...more,
    })

  test('is alone', () => {
    expect(OF_NODE.filter((name) => runInContext(`typeof ${name}`, context) !== 'undefined')).toEqual([])
  })

  test.each(['ES256', 'RS256', 'Ed25519'] as const)(
    'makes an %s key, issues, and verifies, also what it has seen before',
    async (alg) => {
      const { key, publicJwk } = await signed(alg)
      const text = await jwt.issue(jwt.AccessToken, accessClaims, { key, now: NOON, lifetimeSeconds: 300 })
      const verifier = verifierOf(jwt.localKeys({ keys: [publicJwk] }))
      const token = await verifier.verify(jwt.AccessToken, text)
      expect(token.claims).toMatchObject(accessClaims)
      expect(await verifier.verify(jwt.AccessToken, text)).toBe(token)
      await expect(verifier.verify(jwt.IdToken, text)).rejects.toBeInstanceOf(jwt.TokenError)
      await expect(verifier.verify(jwt.AccessToken, `${text.slice(0, -9)}AAAAAAAAA`)).rejects.toMatchObject({
        code: 'signature',
      })
    },
  )

  test('signs for itself with a secret, and takes it once', async () => {
    const keys = await jwt.secretKeys(['a secret of at least 32 characters'], 'action')
    const claims = { iss: ISSUER, aud: ALDER, jti: 'once', act: 'confirm' }
    const options = { key: keys.current, now: NOON, lifetimeSeconds: 60 }
    const text = await jwt.issue(jwt.ActionToken, claims, options)
    const verifier = verifierOf(keys, { algorithms: ['HS256'] })
    const spent = jwt.memoryReplayStore({ now })
    await jwt.verifyOnce(verifier, jwt.ActionToken, text, spent)
    await expect(jwt.verifyOnce(verifier, jwt.ActionToken, text, spent)).rejects.toMatchObject({
      code: 'used',
    })
  })

  test.each([false, true])('seals and opens (compress: %s)', async (compress) => {
    const secrets = ['a secret of at least 32 characters']
    const sealer = jwt.createSealer({ secrets, purpose: 'session', compress })
    const envelope = await sealer.seal({ name: 'Ålice 🌳' })
    expect(await sealer.open(envelope)).toEqual({ name: 'Ålice 🌳' })
    expect(await sealer.open(envelope.replace('..', '..A'))).toBeNull()
  })

  test('takes its keys and the status list from the issuer, and knows what was revoked', async () => {
    const { key, publicJwk } = await signed('ES256')
    const uri = `${ISSUER}/status/0`
    const lists = { size: 1024, ttlSeconds: 5, lifetimeSeconds: 600 }
    const publisher = jwt.createStatusPublisher({ issuer: ISSUER, key: () => key, ...lists })
    const { token: list } = await publisher.publish(uri, [7], NOON)
    const asked: string[] = []
    // Nobody passes it in: it is the one that the module finds in its surroundings.
    context.fetch = async (url: string) => {
      asked.push(url)
      return url === uri ? new Response(list) : Response.json({ keys: [publicJwk] })
    }
    const keys = jwt.remoteKeys({ url: `${ISSUER}/jwks`, now })
    const status = jwt.createStatusLists({ issuer: ISSUER, verifier: verifierOf(keys), now })
    const verifier = verifierOf(keys, { status })
    const issued = (idx: number) =>
      jwt.issue(
        jwt.AccessToken,
        { ...accessClaims, status: { status_list: { idx, uri } } },
        { key, now: NOON, lifetimeSeconds: 300 },
      )
    await verifier.verify(jwt.AccessToken, await issued(6))
    await expect(verifier.verify(jwt.AccessToken, await issued(7))).rejects.toMatchObject({ code: 'revoked' })
    expect(asked).toEqual([`${ISSUER}/jwks`, uri])
  })
})
