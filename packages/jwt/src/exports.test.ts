import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import * as exported from './index.ts'
import { accessClaims, NOON_SECONDS, segment } from './issuer.fixture.ts'

const root = join(import.meta.dirname, '../../..')

describe('JW-22: nothing reads a token that it did not verify', () => {
  test('no exported function gives away what a forged token claims', async () => {
    const payload = segment({ ...accessClaims, sub: 'mallory', iat: NOON_SECONDS, exp: NOON_SECONDS + 300 })
    const forged = `${segment({ alg: 'ES256', typ: 'at+jwt' })}.${payload}.${segment('no signature')}`
    const { AccessToken } = exported
    const calls: unknown[][] = [
      [forged],
      [payload],
      [forged, AccessToken],
      [AccessToken, forged],
      [forged, 8192],
    ]
    const functions = Object.entries(exported).filter(([, value]) => typeof value === 'function')
    expect(functions.length).toBeGreaterThan(15)
    for (const [name, value] of functions) {
      const call = value as (...args: unknown[]) => unknown // whatever it wants, it gets the token
      for (const args of calls) {
        const said = await Promise.resolve()
          .then(() => call(...args))
          .catch(() => undefined)
        if (args.includes(said)) continue // what was given comes back as it is
        expect(JSON.stringify(said) ?? '', name).not.toMatch(RegExp(`mallory|${payload}`))
      }
    }
  })

  test('what does read one is no address of the package', () => {
    const { resolve } = createRequire(import.meta.url)
    expect(resolve('@grove/jwt')).toBe(join(import.meta.dirname, 'index.ts'))
    for (const path of ['src/compact.ts', 'src/verify.ts', 'src/seal', 'compact', 'package.json']) {
      expect(() => resolve(`@grove/jwt/${path}`), path).toThrow(
        /ERR_PACKAGE_PATH_NOT_EXPORTED|not defined by "exports"/,
      )
    }
  })

  test('and whoever reaches for it by its path, or for jose, breaks the import rule', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'exports-'))
    const files: Record<string, string> = {
      'tools/boundaries.mjs': await readFile(join(root, 'tools/boundaries.mjs'), 'utf8'),
      'packages/jwt/src/compact.ts': '',
      'packages/site/src/good.ts': "import { createVerifier } from '@grove/jwt'",
      'packages/site/src/deep.ts': "import { readCompact } from '../../jwt/src/compact.ts'",
      'apps/auth/src/lazy.ts': "const { parseObject } = await import('../../../packages/jwt/src/compact.ts')",
      'apps/site-a/direct.ts': "import { decodeJwt } from 'jose'",
      'apps/site-b/api.ts': "import { createVerifier } from '@grove/jwt'",
    }
    for (const [file, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, file)), { recursive: true })
      await writeFile(join(folder, file), text)
    }
    const { brokenRules } = await import(pathToFileURL(join(folder, 'tools/boundaries.mjs')).href)
    const broken: string[] = brokenRules()
    expect(broken.map((sentence) => sentence.split(' ', 1).join()).sort()).toEqual([
      'apps/auth/src/lazy.ts',
      'apps/site-a/direct.ts',
      'apps/site-b/api.ts',
      'packages/site/src/deep.ts',
    ])
    await rm(folder, { recursive: true })
  })
})
