import { readFileSync } from 'node:fs'
import { askAs, Browser, codeIn, ISSUER, redeem, refresh, tokensIn } from '@grove/auth/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type House, openHouse } from './house.ts'

const TOKEN = 'a token for Prometheus that has its forty characters'
const read = (name: string) => readFileSync(new URL(`../../docs/operations/${name}`, import.meta.url), 'utf8')

interface Target {
  expr: string
}
interface Panel {
  title: string
  type: string
  targets?: Target[]
}
const dashboard: { panels: Panel[]; templating: { list: { name: string; type: string }[] } } = JSON.parse(
  read('dashboard.json'),
)
const ofDashboard = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
const ofAlerts = [...read('alerts.yml').matchAll(/^ {8}expr: (?:>-\n((?: {10}.*\n)+)|(.*)\n)/gm)].map(
  ([, block, line]) => block ?? line ?? '',
)

// What Prometheus adds by itself, and what it counts itself.
const ADDED = new Set(['instance', 'job', 'le'])
const OF_PROMETHEUS = new Set(['up'])

let house: House
let text: string
let samples: { name: string; labels: Map<string, string> }[]

beforeAll(async () => {
  house = await openHouse()
  house.settings.METRICS_TOKEN = TOKEN
  await house.start()
  await traffic()
  const headers = { authorization: `Bearer ${TOKEN}` }
  text = await (await house.provider.fetch(`${ISSUER}/metrics`, { headers })).text()
  samples = [...text.matchAll(/^(\w+)(?:\{(.*)\})? \S+$/gm)].map(([, name = '', labels = '']) => ({
    name,
    labels: new Map(
      [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, label = '', value = '']) => [label, value]),
    ),
  }))
})
afterAll(() => house.close())

/** People who log in, refresh, fail, come too often, use something twice, and log out. */
async function traffic(): Promise<void> {
  const { provider } = house
  const browser = new Browser(provider)
  const { refresh_token } = await browser.tokens('alder')
  const next = await tokensIn(await refresh(provider, 'alder', refresh_token))
  const last = await tokensIn(await refresh(provider, 'alder', next.refresh_token))
  await refresh(provider, 'alder', refresh_token)
  await refresh(provider, 'alder', last.refresh_token)
  const code = codeIn(await browser.authorize('alder', { prompt: 'none' }))
  for (const _ of ['once', 'twice']) await redeem(provider, 'alder', code)
  await askAs(provider, 'alder', '/introspect', { token: last.access_token })
  await provider.fetch(`${ISSUER}/userinfo`, { headers: { authorization: 'Bearer nothing' } })
  for (let tries = 0; tries < 12; tries += 1) {
    const page = await (await new Browser(provider).authorize('alder')).text()
    const visitor = new Browser(provider)
    await visitor.submit(page, { email: 'bob@example.com', password: 'wrong', intent: 'sign-in' })
    const again = await (await visitor.authorize('alder')).text()
    await visitor.submit(again, { email: 'bob@example.com', password: 'wrong', intent: 'sign-in' })
  }
}

/** Each name that an expression asks for, with the labels that it looks at and the values that it wants. */
function asked(
  expr: string,
): { name: string; labels: { label: string; operator: string; value: string }[] }[] {
  return [...expr.matchAll(/\b([a-z]\w*)(?:\{([^}]*)\})?/g)]
    .filter(([, name = '']) => name.startsWith('grove_') || OF_PROMETHEUS.has(name))
    .map(([, name = '', matchers = '']) => ({
      name,
      labels: [...matchers.matchAll(/(\w+)(=~|!=|!~|=)"([^"]*)"/g)].map(
        ([, label = '', operator = '', value = '']) => ({
          label,
          operator,
          value,
        }),
      ),
    }))
}

test.each([...ofDashboard, ...ofAlerts])('what is asked for is there: %s', (expr) => {
  expect(asked(expr)).not.toEqual([])
  for (const { name, labels } of asked(expr)) {
    if (OF_PROMETHEUS.has(name)) continue
    const found = samples.filter((sample) => sample.name === name)
    expect(found, name).not.toEqual([])
    for (const { label, operator, value } of labels.filter((one) => !ADDED.has(one.label))) {
      const values = new Set(found.flatMap(({ labels: has }) => has.get(label) ?? []))
      expect([...values], `${name} has the label ${label}`).not.toEqual([])
      // Statuses are numbers that everybody knows, and no test makes them all.
      const wanted = operator === '=' ? [value] : operator === '=~' ? value.split('|') : []
      if (label !== 'status') expect([...values]).toEqual(expect.arrayContaining(wanted))
    }
    const grouped = [...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, names = '']) => names.split(', '))
    for (const label of grouped.filter((one) => !ADDED.has(one)))
      expect(
        found.some(({ labels: has }) => has.has(label)),
        `${name} is told apart by ${label}`,
      ).toBe(true)
  }
})

test('every number of ours is on the dashboard, and of the process the four that say most', () => {
  const shown = new Set(ofDashboard.flatMap((expr) => asked(expr).map(({ name }) => name)))
  const declared = [...text.matchAll(/^# TYPE (grove_\w+) (\w+)$/gm)].map(([, name = '', type]) =>
    type === 'histogram' ? `${name}_bucket` : name,
  )
  // What Node says of every process: for whoever looks for a leak, not for a wall.
  const ofNode = /^grove_(nodejs|process)_/
  expect(declared.length).toBeGreaterThan(20)
  expect(declared.filter((name) => !ofNode.test(name) && !shown.has(name))).toEqual([])
  expect([...shown].filter((name) => ofNode.test(name))).toHaveLength(4)
})

test('the dashboard asks the source that is chosen, and has a row for each thing', () => {
  expect(dashboard.templating.list.map(({ type }) => type)).toEqual(['datasource', 'query'])
  const sources = JSON.stringify(dashboard).match(/"uid":"\$\{datasource\}"/g) ?? []
  const panels = dashboard.panels.filter(({ type }) => type !== 'row')
  expect(sources.length).toBe(panels.length + ofDashboard.length + 1)
  expect(dashboard.panels.filter(({ type }) => type === 'row').map(({ title }) => title)).toEqual([
    'Sign-ons',
    'Refreshes',
    'Errors',
    'Latency',
    'Passwords and database',
    'Work that is due',
    'Process',
  ])
})

test('every alarm says what it means, how urgent it is, and which page to read', () => {
  const alerts = read('alerts.yml').split('- alert: ').slice(1)
  expect(alerts).toHaveLength(ofAlerts.length)
  for (const alert of alerts) {
    expect(alert).toMatch(/labels: \{ severity: (page|ticket) \}/)
    expect(alert).toMatch(/summary: ".+\."/)
    const [, page = ''] = /page: (\S+)/.exec(alert) ?? []
    expect(read(page)).not.toBe('')
  }
})

test('an operator finds every alarm in the page of the same folder', () => {
  const named = new Set(read('README.md').match(/grove_\w+/g))
  const used = new Set(ofAlerts.flatMap((expr) => asked(expr).map(({ name }) => name)))
  const missing = [...named].filter((name) => !used.has(name))
  expect(missing).toEqual([])
})
