const MAKE = 'openssl rand -base64 33'
const SHORTEST_KEY = 32
const SHORTEST_CLIENT_SECRET = 43 // as apps/auth/src/seed/clients.ts demands in production

/** Missing, too short, made for development, the same in two places, or not the same where it has to be. */
export function secrets(house) {
  const held = heldSecrets(house)
  return [
    ...missing(
      held.filter(({ ring }) => ring.length === 0),
      house,
    ),
    ...held.flatMap((secret) => weak(secret, house)),
    ...house.sites.flatMap((site) => unequal(site, house)),
    ...shared(held),
  ]
}

/** Every secret of every app. A client's secret belongs to two apps: `pair` says which two places may be equal. */
function heldSecrets({ auth, sites, clients }) {
  const ofAuth = auth
    ? [
        { app: auth, name: 'AUTH_SECRET' },
        ...clients.map(({ clientId, secretName, title }) => ({
          ...{ app: auth, name: secretName, pair: clientId },
          twin: `CLIENT_SECRET of ${title.split(',')[0]}`,
        })),
      ]
    : []
  const ofSites = sites.flatMap((app) => [
    { app, name: 'CLIENT_SECRET', pair: app.name, twin: `${app.secretName} of auth` },
    { app, name: 'SESSION_SECRET' },
  ])
  return [...ofAuth, ...ofSites].map((secret) => ({ ...secret, ring: ringOf(secret) }))
}

const ringOf = ({ app, name }) =>
  (app.settings[name] ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)

function missing(absent, { isProduction }) {
  if (absent.length === 0) return []
  if (isProduction) {
    return absent.map(({ app, name, twin }) => ({
      what: `${app.title} has no ${name}.`,
      why: 'It does not start without it.',
      fix: `put ${name}=… into ${app.place}, ${twin ? `the same value as ${twin}, made by` : 'the value from'}: ${MAKE}`,
    }))
  }
  return [
    {
      isNote: true,
      what: `Not there yet: ${absent.map(({ app, name }) => `${name} of ${app.title}`).join(', ')}.`,
      why: 'Development makes the secrets that are missing.',
      fix: 'npm start writes them to apps/*/.env.local',
    },
  ]
}

function weak({ app, name, pair, ring }, { isProduction }) {
  const shortest = pair && isProduction ? SHORTEST_CLIENT_SECRET : SHORTEST_KEY
  const put = `put a new one into ${app.place}, the value from: ${MAKE}`
  return [
    ring.some((secret) => secret.length < shortest) && {
      what: `${name} of ${app.title} is shorter than ${shortest} characters.`,
      why: 'It can be guessed by trying, and the app refuses to start with it.',
      fix: put,
    },
    isProduction &&
      ring.some((secret) => secret.startsWith('development-')) && {
        what: `${name} of ${app.title} was made for development.`,
        why: 'It lay in a file of a developer’s machine. Production refuses to start with it.',
        fix: put,
      },
  ].filter(Boolean)
}

function unequal({ name, title, place, secretName, settings }, { auth }) {
  const [ours, theirs] = [settings.CLIENT_SECRET, auth?.settings[secretName]]
  if (!ours || !theirs || ours === theirs) return []
  return [
    {
      what: `CLIENT_SECRET of ${title} is not what auth has as ${secretName}.`,
      why: `Auth answers ${name} with invalid_client, and every login ends on an error page.`,
      fix: `give ${secretName} in ${auth.place} and CLIENT_SECRET in ${place} one value`,
    },
  ]
}

function shared(held) {
  return held.flatMap((one, index) =>
    held.slice(index + 1).flatMap((other) => {
      const isPair = one.pair !== undefined && one.pair === other.pair
      if (isPair || !one.ring.some((secret) => other.ring.includes(secret))) return []
      return [
        {
          what: `${one.name} of ${one.app.title} and ${other.name} of ${other.app.title} are the same.`,
          why: 'Who breaks into one can read, or pretend to be, the other.',
          fix: `put a new one into ${other.app.place}, the value from: ${MAKE}`,
        },
      ]
    }),
  )
}
