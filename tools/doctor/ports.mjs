import { isTaken } from '../processes.mjs'
import { portOf } from './house.mjs'
import { askAuth } from './provider.mjs'

/** Each port is one app's alone: free, or taken by Grove itself. */
export async function ports({ auth, sites }) {
  const apps = [...(auth ? [auth] : []), ...sites]
  const findings = apps.map(async (app, index) => {
    const { PORT } = app.settings
    if (portOf(app) === undefined)
      return wrong(`PORT of ${app.title} is "${PORT}".`, `write a number into ${app.place}`)
    const twin = apps.slice(0, index).find((other) => other.settings.PORT === PORT)
    if (twin)
      return wrong(
        `${twin.title} and ${app.title} both want port ${PORT}.`,
        `give one of them another PORT, in ${app.place}`,
      )
    if (!(await isTaken(Number(PORT))) || (await isOurs(app))) return []
    return wrong(
      `Port ${PORT}, where ${app.title} belongs, is taken by another program.`,
      `lsof -i :${PORT} names it: stop it, then start again`,
    )
  })
  return (await Promise.all(findings)).flat()
}

const wrong = (what, fix) => [
  { what, why: 'Only one program can listen there: the other one ends at its start.', fix },
]

/** Auth says its issuer; a site refuses an unknown caller as RFC 6750 says. */
async function isOurs({ name, settings: { PORT, ISSUER } }) {
  const here = `http://127.0.0.1:${PORT}`
  if (name === 'auth') {
    const { issuer } = await askAuth(here)
    return issuer !== undefined && (!ISSUER || issuer === ISSUER)
  }
  const answer = await fetch(`${here}/api/me`, {
    redirect: 'manual',
    signal: AbortSignal.timeout(5000),
  }).catch(() => undefined)
  await answer?.body?.cancel()
  return answer?.status === 401 && /^(Bearer|DPoP)\b/.test(answer.headers.get('www-authenticate') ?? '')
}
