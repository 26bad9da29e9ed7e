import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCA, createCert } from 'mkcert'
import { freePort } from './auth-process.ts'
import type { Tally } from './fault.ts'
import { openRelay } from './relay.ts'
import { ALDER, type Town } from './town.ts'
import { codeOn } from './visitor.ts'

const AUTHORITY = {
  organization: 'Grove tests',
  countryCode: 'DE',
  state: 'Forest',
  locality: 'Glade',
  validity: 2,
}

interface Way {
  name: string
  settings: Record<string, string>
  /** What the log of the site says; `undefined` where all is well. */
  trouble: RegExp | undefined
}

/** F-106: no name, no certificate that holds: the operator reads which trouble it is, and people a page. */
export async function unreachable(town: Town, _rounds: number, tally: Tally): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'grove-tls-'))
  const { ways, close } = await waysTo(town, folder)
  for (const { name, settings, trouble } of ways) {
    await town.sites.alder.kill()
    const site = await town.startSite('alder', settings)
    const page = await town.visitor().logsInAt(ALDER, 1, '/private')
    const html = await page.text()
    if (trouble) {
      tally.same(`${name}: the page`, [page.status, codeOn(html)], [503, 'auth_unavailable'])
      tally.expect(trouble.test(site.said()), `${name}: the log does not say so: ${site.said().slice(-300)}`)
      tally.expect(!trouble.test(html), `${name}: the page tells strangers`)
    } else tally.same(`${name}: the login`, [page.status, html], [200, '{"signedIn":"acc_1"}'])
    tally.count(name)
  }
  close()
  await rm(folder, { recursive: true })
}

async function waysTo(town: Town, folder: string): Promise<{ ways: Way[]; close(): void }> {
  const [ca, otherCa] = await Promise.all([createCA(AUTHORITY), createCA(AUTHORITY)])
  const caFile = join(folder, 'ca.pem')
  await writeFile(caFile, ca.cert)
  const target = () => town.processes[0]?.origin ?? ''
  const relayWith = async (authority: typeof ca, domains: string[], validity = 1) =>
    await openRelay(target, await createCert({ domains, validity, ca: authority }))
  const [good, stranger, expired, elsewhere] = await Promise.all([
    relayWith(ca, ['127.0.0.1']),
    relayWith(otherCa, ['127.0.0.1']),
    relayWith(ca, ['127.0.0.1'], -1),
    relayWith(ca, ['auth.example']),
  ])
  const by = ({ origin }: { origin: string }) => ({
    ISSUER_INTERNAL_URL: origin,
    NODE_EXTRA_CA_CERTS: caFile,
  })
  const ways = [
    { name: 'a certificate that holds', settings: by(good), trouble: undefined },
    {
      name: 'a certificate of nobody we know',
      settings: by(stranger),
      trouble: /UNABLE_TO_|SELF_SIGNED|CERT_SIGNATURE_FAILURE/,
    },
    { name: 'a certificate that has expired', settings: by(expired), trouble: /CERT_HAS_EXPIRED/ },
    { name: 'a certificate of another name', settings: by(elsewhere), trouble: /ALTNAME_INVALID/ },
    {
      name: 'a name that nobody has',
      settings: { ISSUER_INTERNAL_URL: 'http://auth.invalid' },
      trouble: /ENOTFOUND|EAI_AGAIN/,
    },
    {
      name: 'a port where nobody listens',
      settings: { ISSUER_INTERNAL_URL: `http://127.0.0.1:${await freePort()}` },
      trouble: /ECONNREFUSED/,
    },
  ]
  function close() {
    for (const relay of [good, stranger, expired, elsewhere]) relay.close()
  }
  return { ways, close }
}
