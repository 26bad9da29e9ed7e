import { clockSettings } from './clock.ts'
import { logsIn, tokensFor } from './cluster.ts'
import type { Tally } from './fault.ts'
import { ALDER, callsApi, type Town, whoAt } from './town.ts'
import { codeOn } from './visitor.ts'

// The kit is told to bear a minute, and a token lives for five. So a site that is ahead takes tokens for six minutes, but begins no
// session that is over; and from the future no site takes any.
const TOLERANCE_SECONDS = 60
const SKEWS: readonly { aheadSeconds: number; signsIn: boolean; takesToken: boolean }[] = [
  // Two more than the 61 of the list: a token is made in whole seconds, and takes its time to get here.
  { aheadSeconds: -63, signsIn: false, takesToken: false },
  { aheadSeconds: 59, signsIn: true, takesToken: true },
  { aheadSeconds: 300, signsIn: false, takesToken: true },
  { aheadSeconds: -59, signsIn: true, takesToken: true },
  { aheadSeconds: 30, signsIn: true, takesToken: true },
  { aheadSeconds: -30, signsIn: true, takesToken: true },
  { aheadSeconds: 61, signsIn: true, takesToken: true },
  { aheadSeconds: -300, signsIn: false, takesToken: false },
  { aheadSeconds: 400, signsIn: false, takesToken: false },
]

/** F-40: inside of the tolerance everything works; outside the person reads why, and nobody goes round in a circle. */
export async function apart(town: Town, skews: number, tally: Tally): Promise<void> {
  const { browser } = await logsIn(town.at(0), 0)
  for (const { aheadSeconds, signsIn, takesToken } of SKEWS.slice(0, skews)) {
    await town.sites.alder.stop()
    const site = await town.startSite('alder', {
      ...clockSettings(aheadSeconds),
      CLOCK_TOLERANCE_SECONDS: String(TOLERANCE_SECONDS),
    })
    const name = `a site ${Math.abs(aheadSeconds)} s ${aheadSeconds < 0 ? 'behind' : 'ahead'}`
    const good = await tokensFor(town.at(0), await browser.authorize('alder'))
    tally.same(
      `${name}: a call with a good token`,
      await callsApi(site, good.access_token),
      takesToken ? 200 : 401,
    )

    const visitor = town.visitor()
    const page = await visitor.logsInAt(ALDER, 1, '/private')
    tally.expect(visitor.trail.length <= 4, `${name}: ${visitor.trail.length} redirects`)
    if (signsIn) {
      tally.same(`${name}: the login`, [page.status, await page.text()], [200, '{"signedIn":"acc_1"}'])
      visitor.lapses(ALDER)
      tally.same(`${name}: the next page`, (await whoAt(visitor, ALDER)).signedIn, 'acc_1')
      tally.count('signed in')
    } else {
      const html = await page.text()
      tally.same(`${name}: the page`, [page.status, codeOn(html)], [400, 'login_clock'])
      tally.expect(
        /id="detail">[^<]*\d{4}-\d\d-\d\dT/.test(html),
        `${name}: the page does not name both clocks`,
      )
      const again = await visitor.goTo(`${ALDER}/private`)
      tally.same(`${name}: another try`, codeOn(await again.text()), 'login_clock')
      tally.expect(/login_clock/.test(site.said()), `${name}: the log of the site does not say why`)
      tally.count('a page that says why')
    }
  }
}
