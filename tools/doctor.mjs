// `npm run doctor`: what on this machine keeps Grove from working, why it matters, and how to put it right. It changes nothing and
// prints no secret. Ends with 1 if something is wrong. (`pnpm doctor` is a command of pnpm's own; `pnpm run doctor` is this one.)
//   npm run doctor                                                     as `npm start` would run here
//   npm run doctor -- --https                                          as `pnpm dev:https` would; without saying so while that runs
//   NODE_ENV=production node tools/doctor.mjs --env=auth=/etc/grove/auth.env --env=alder=/etc/grove/alder.env
//                                                                      as production runs, for the apps that are named
import './check-node.mjs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { browser } from './doctor/browser.mjs'
import { clock } from './doctor/clock.mjs'
import { cookies } from './doctor/cookies.mjs'
import { database } from './doctor/database.mjs'
import { readHouse } from './doctor/house.mjs'
import { issuer } from './doctor/issuer.mjs'
import { names } from './doctor/names.mjs'
import { ports } from './doctor/ports.mjs'
import { registration } from './doctor/registration.mjs'
import { secrets } from './doctor/secrets.mjs'
import { portOfHttps } from './https/port.mjs'

/**
 * @typedef {object} Finding
 * @property {string} what what is the case
 * @property {string} why what comes of it
 * @property {string} fix what to do, exactly
 * @property {boolean} [isNote] good to know: nothing is wrong
 * @property {boolean} [isOpen] the check could not be made
 */

/** In this order: what comes first is often the cause of what comes after it. */
const checks = { secrets, database, registration, names, ports, cookies, issuer, clock, browser }

const root = fileURLToPath(new URL('..', import.meta.url))
let house
try {
  const { values } = parseArgs({
    options: {
      env: { type: 'string', multiple: true, default: [] },
      https: { type: 'boolean', default: false },
    },
  })
  house = readHouse(root, process.env, values.env)
  const httpsPort = await portOfHttps(house, values.https)
  if (httpsPort) {
    console.log('As `pnpm dev:https` has it:\n')
    house = readHouse(root, process.env, values.env, httpsPort)
  }
} catch (error) {
  console.error(error.message)
  process.exit(1)
}

let wrong = 0
for (const [title, check] of Object.entries(checks)) {
  /** @type {Finding[]} */
  const findings = await check(house)
  const faults = findings.filter(({ isNote }) => !isNote)
  wrong += faults.length
  const isOpen = findings.some((finding) => finding.isOpen)
  console.log(
    `${title.padEnd(14)}${faults.length > 0 ? `${faults.length} wrong` : isOpen ? 'not known' : 'fine'}`,
  )
  for (const { what, why, fix, isNote } of findings)
    console.log(`\n  ${isNote ? 'note' : 'WRONG'}  ${what}\n         ${why}\n    fix  ${fix}\n`)
}
console.log(wrong > 0 ? `\n${wrong} wrong.` : '\nNothing is wrong.')
process.exitCode = wrong > 0 ? 1 : 0
