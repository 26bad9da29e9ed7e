// Signs in through the browser, then calls both APIs and prints what they say.
//   npm start                        opens the browser
//   npm start -- --no-open           prints the address, for another browser of this machine
//   npm start -- http://…/api/x      calls this address instead; several may be named
import { parseArgs } from 'node:util'
import { openBrowser } from './open-browser.ts'
import { signIn } from './sign-in.ts'

const BOTH = ['http://site-a.localhost:4001/api/me', 'http://site-b.localhost:4002/api/notes']

const { values, positionals } = parseArgs({
  options: { 'no-open': { type: 'boolean', default: false } },
  allowPositionals: true,
})
const addresses = (positionals.length > 0 ? positionals : BOTH).map((address) => new URL(address))
const [first = '', ...others] = new Set(addresses.map(({ origin }) => origin))

try {
  const { name, call, end } = await signIn({
    issuer: new URL(process.env.ISSUER ?? 'http://auth.localhost:4000'),
    clientId: process.env.CLIENT_ID ?? 'twig',
    resources: [first, ...others],
    show(address) {
      console.error(`Sign in at\n\n  ${address}\n`)
      if (!values['no-open']) openBrowser(address)
    },
  })
  console.error(`Signed in as ${name}.\n`)
  for (const address of addresses) {
    const response = await call(address)
    console.error(`${address} ${response.status}`)
    console.log(JSON.stringify(await response.json().catch(() => 'no JSON'), null, 2))
    if (!response.ok) process.exitCode = 1
  }
  await end()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
