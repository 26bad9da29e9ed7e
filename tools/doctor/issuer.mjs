import { isTaken } from '../processes.mjs'
import { portOf } from './house.mjs'
import { askAuth, authAddressOf } from './provider.mjs'

/** The issuer is a name that has to be the same everywhere; the internal address is only a way to get there. */
export async function issuer(house) {
  const { auth, sites } = house
  const expected = auth?.settings.ISSUER
  const isRunning = auth ? await listens(auth) : true
  const findings = await Promise.all(
    sites.map((site) => look(site, expected, isRunning || house.isProduction)),
  )
  const silent = findings.filter((finding) => finding === 'silent').length
  return [
    ...findings.flat().filter((finding) => typeof finding === 'object'),
    ...(silent > 0 ? [NOT_RUNNING] : []),
  ]
}

const NOT_RUNNING = {
  isNote: true,
  isOpen: true,
  what: 'Auth is not running, so it was not asked for its name.',
  why: 'What the sites and auth are told agrees, or is said above; what auth says of itself is not known.',
  fix: 'npm start, then npm run doctor in another terminal',
}

async function listens(app) {
  const port = portOf(app)
  return port !== undefined && (await isTaken(port))
}

async function look(site, expected, mustAnswer) {
  const { title, place, settings } = site
  const { ISSUER } = settings
  if (!ISSUER)
    return [
      {
        what: `ISSUER of ${title} is missing.`,
        why: 'The site does not know whom to trust.',
        fix: `put the value that auth has into ${place}`,
      },
    ]
  const differs = expected &&
    expected !== ISSUER && {
      what: `ISSUER of ${title} is ${ISSUER}, and auth calls itself ${expected}.`,
      why: 'The name in every token is compared letter by letter, so no login at this site can end well.',
      fix: `put ISSUER=${expected} into ${place}`,
    }
  const answer = await answerAt(site, mustAnswer)
  return answer === 'silent' && !differs
    ? 'silent'
    : [differs, answer].filter((finding) => typeof finding === 'object')
}

async function answerAt(site, mustAnswer) {
  const { title, place, settings } = site
  const [setting, address] = [
    settings.ISSUER_INTERNAL_URL ? 'ISSUER_INTERNAL_URL' : 'ISSUER',
    authAddressOf(site),
  ]
  const { isThere, issuer: name } = await askAuth(address)
  if (!isThere && !mustAnswer) return 'silent'
  const fix = `put the address where this server reaches auth into ${place}, as ISSUER_INTERNAL_URL`
  if (!isThere)
    return {
      what: `${title} does not reach auth: nobody answers at ${address} (${setting}).`,
      why: 'The site cannot trade codes for tokens, nor fetch keys: nobody can sign in.',
      fix,
    }
  if (!name)
    return {
      what: `What answers ${title} at ${address} (${setting}) is not auth.`,
      why: 'It has no /.well-known/openid-configuration.',
      fix,
    }
  if (name !== settings.ISSUER)
    return {
      what: `At ${address} answers an auth that calls itself ${name}; ${title} expects ${settings.ISSUER}.`,
      why: 'The site refuses tokens of another issuer.',
      fix: `make ISSUER of auth and ISSUER in ${place} the same; ISSUER_INTERNAL_URL may differ from both`,
    }
}
