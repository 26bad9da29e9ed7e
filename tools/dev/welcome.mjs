/**
 * What is printed when everything runs.
 *
 * @param {import('./apps.mjs').App[]} apps
 * @param {string} [more] what else a person has to know
 */
export function welcome(apps, more = '') {
  const strong = (text) =>
    process.stdout.isTTY && !process.env.NO_COLOR ? `\u001b[1m${text}\u001b[22m` : text
  const found = apps.filter(({ address }) => address)
  const addresses = found.map((app) => `    ${app.title.padEnd(26)} ${strong(app.address)}`)
  return `
  ${strong(`Grove is running: one login, ${inWords(found.length - 1)} sites.`)}

${addresses.join('\n')}

${more}  Try it
    1. Open Alder and sign in as Alice.
    2. Open Birch: it knows her already, and says why.
    3. Sign out everywhere at Birch, and watch the open Alder tab.

  Demo accounts
    alice@example.com   wonderland-1865
    bob@example.com     yes-we-can-1999

  g and Enter stops Grove alone, and starts it again. Ctrl-C stops everything.
`
}

function inWords(count) {
  return ['no', 'one', 'two', 'three', 'four', 'five', 'six'][count] ?? count
}
