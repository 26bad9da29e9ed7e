// What has to be true of every container and every image, looked at where it runs.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const PLACES = '/looked-for /grove /etc /var /home /root /srv /data /config /usr/local'
// CAP_NET_BIND_SERVICE, the one that docker-compose.yml gives, to the gateway.
const MAY_BIND = 1n << 10n

/** @param {import('./engine.mjs').Engine} engine @returns {Promise<string>} the users */
export async function nobodyIsRoot(engine, services) {
  const users = await Promise.all(
    services.map(async (service) => {
      const user = await engine.must(engine.exec(service, 'id', '-u'))
      if (!/^[1-9]\d*$/.test(user)) throw new Error(`${service} runs as ${user}`)
      return `${service} ${user}`
    }),
  )
  return users.join(', ')
}

const WITHOUT_SECRETS = {
  auth: ['AUTH_SECRET', { ISSUER: 'https://auth.example', DATABASE_URL: 'file:/tmp/auth.db' }],
  'site-a': [
    'CLIENT_SECRET',
    { SITE_URL: 'https://a.example', ISSUER: 'https://auth.example', CLIENT_ID: 'a' },
  ],
  'site-b': [
    'CLIENT_SECRET',
    { SITE_URL: 'https://b.example', ISSUER: 'https://auth.example', CLIENT_ID: 'b' },
  ],
}

/** An image that is started with everything but its secret ends at once, with the sentence that names it. */
export async function nothingStartsWithoutSecrets(engine, tag) {
  const said = Object.entries(WITHOUT_SECRETS).map(async ([app, [secret, settings]]) => {
    // Without a network Docker gives a container no address by its own name, which Next would listen at.
    const given = Object.entries({ HOSTNAME: '0.0.0.0', ...settings }).flatMap(([name, value]) => [
      '-e',
      `${name}=${value}`,
    ])
    const { code, all } = await engine.engine(
      'run',
      '--rm',
      '--network',
      'none',
      ...given,
      `grove-${app}:${tag}`,
    )
    if (code === 0 || !all.includes(`${secret} is missing: `))
      throw new Error(`${app} ended with ${code}: ${all}`)
    return `${app} wants ${secret}`
  })
  return (await Promise.all(said)).join(', ')
}

/** Neither its program nor the system can be changed, and no privilege can be gained. */
export async function nothingCanBeChanged(engine, services) {
  for (const service of services) {
    for (const folder of ['/', '/etc', '/usr/bin', '.']) {
      const { code, all } = await engine.exec(service, 'touch', `${folder}/proof`)
      if (code === 0) throw new Error(`${service} could write to ${folder}`)
      if (!/read-only/i.test(all)) throw new Error(`${service} refused for another reason: ${all}`)
    }
    const status = await engine.must(engine.exec(service, 'cat', '/proc/1/status'))
    if (!/^NoNewPrivs:\s+1$/m.test(status)) throw new Error(`${service} may gain privileges`)
    const capabilities = BigInt(`0x${/^CapBnd:\s+(\w+)$/m.exec(status)?.[1]}`)
    if (capabilities & ~(service === 'gateway' ? MAY_BIND : 0n))
      throw new Error(`${service} has capabilities`)
  }
  return 'a write to /, /etc, /usr/bin and their own folder fails; no capability but to listen, none to be gained'
}

/** The values are in no image, in no history and in no environment: they lie in files that are mounted when it runs. */
export async function secretsAreNowhere(engine, { services, images, folder }) {
  const names = readdirSync(folder)
  const values = names.map((name) => readFileSync(join(folder, name), 'utf8').trim())
  const words = [...values, ...values.map((value) => Buffer.from(value).toString('base64'))]
  for (const image of images) {
    const described = [
      await engine.must(engine.engine('history', '--no-trunc', image)),
      await engine.must(engine.engine('image', 'inspect', image)),
    ]
    refuse(image, described.join('\n'), words)
    const beside = ['--rm', '--network', 'none', '--user', '0', '-v', `${folder}:/looked-for:ro`]
    const found = await engine.must(engine.engine('run', ...beside, image, 'sh', '-c', grepFor(names)))
    const [known, strange] = [names.map((name) => `/looked-for/${name}`), found.split('\n')]
    if (!known.every((file) => strange.includes(file)))
      throw new Error(`${image} could not be looked through`)
    const open = strange.filter((file) => !known.includes(file))
    if (open.length > 0) throw new Error(`${image} has a secret in ${open}`)
  }
  for (const service of services) refuse(service, JSON.stringify(await engine.inspect(service)), words)
  return `${values.length} secrets looked for in ${images.length} images, file by file, and in ${services.length} environments`
}

// Each file of the image against each secret. The secrets' own files have to be among what is found: so it did look.
const grepFor = (names) =>
  `grep -rlF ${names.map((name) => `-f /looked-for/${name}`).join(' ')} ${PLACES} 2>/dev/null; true`

function refuse(where, text, words) {
  if (words.some((word) => text.includes(word))) throw new Error(`${where} shows a secret`)
}
