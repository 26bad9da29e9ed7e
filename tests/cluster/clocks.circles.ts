import { clockSettings } from './clock.ts'
import type { Tally } from './fault.ts'
import { ALDER, BIRCH, type Town } from './town.ts'
import { codeOn, type Visitor } from './visitor.ts'

const PRIVATE = `${ALDER}/private`

/** F-45: whatever makes a site forget its sessions, a browser is sent round a few times, and then somebody says why. */
export async function circles(town: Town, rounds: number, tally: Tally): Promise<void> {
  const [ours] = [town.sites.alder]
  const stranger = await town.startSite('alder', {
    SESSION_SECRET: 'a secret that the other process does not have',
  })
  const ahead = await town.startSite('alder', clockSettings(360))
  for (let round = 0; round < rounds; round++) {
    town.sites.alder = ours
    const person = town.visitor()
    await person.logsInAt(BIRCH)

    // One process answers the page, takes away the cookie that it cannot open, and the other one answers what comes of it.
    await goesRound('two secrets', person, 'login_loop: cookies', (address) => {
      town.sites.alder = address.startsWith(PRIVATE) ? stranger : ours
    })
    const forgetful = town.visitor()
    await forgetful.logsInAt(BIRCH, 1)
    await goesRound('a lost cookie', forgetful, 'login_loop: cookies', () =>
      forgetful.jar(ALDER).delete('__Host-session'),
    )
    const early = town.visitor()
    await early.logsInAt(BIRCH, 2)
    await goesRound('a clock that is ahead', early, 'login_clock', () => {
      town.sites.alder = ahead
    })
  }

  async function goesRound(
    name: string,
    visitor: Visitor,
    why: string,
    before: (address: string) => void,
  ): Promise<void> {
    const page = await visitor.goTo(PRIVATE, undefined, before)
    const logins = visitor.trail.filter((address) => address.startsWith(`${ALDER}/sso/callback`)).length
    tally.same(`${name}: the page at the end`, codeOn(await page.text()), why)
    tally.expect(logins <= 4, `${name}: ${logins} logins in a row`)
    tally.count(`${why} after ${logins} logins`)
  }
}
