import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

// On Node 20 and 22 an AsyncLocalStorage that was used once makes every later promise of the process dearer, by a sixth of a sign-on.
test('to show a page leaves no hook behind on the promises of the process', () => {
  const source = `
    import { Browser, openProvider } from '../testing/index.ts'
    const provider = await openProvider()
    const page = await new Browser(provider).open('/logout')
    console.log(page.status, Object.getOwnPropertySymbols(Promise.resolve().then(() => {})).length)
    await provider.close()`
  const args = ['--import', 'tsx', '--input-type=module', '-e', source]
  const cwd = fileURLToPath(new URL('.', import.meta.url))
  expect(spawnSync(process.execPath, args, { cwd, encoding: 'utf8' })).toMatchObject({
    stderr: '',
    stdout: '200 0\n',
  })
}, 30_000)
