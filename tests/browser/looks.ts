import AxeBuilder from '@axe-core/playwright'
import type { Person } from './people.ts'

/** What axe objects to, as sentences; and a picture of the page, where somebody may look at it. */
export async function objectionsTo({ page }: Person, name: string): Promise<string[]> {
  const picture = `test-results/looks/${name.replace(/\W+/g, '-')}.png`
  if (!process.env.CI) await page.screenshot({ path: picture, fullPage: true })
  // Legacy: for pages without frames, which ours are. The other way opens a tab for each.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze()
  const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  return [
    ...violations.flatMap(({ id, help, nodes }) =>
      nodes.map((node) => `${name}: ${id}: ${help}: ${node.html.slice(0, 160)}`),
    ),
    ...(tooWide > 0 ? [`${name}: the page is ${tooWide} px wider than the screen`] : []),
  ]
}
