import { alder, birch } from './settings.js'
import { call, leaveToSignIn, leaveToSignOut, Refused, whoIsThere } from './sign-in.js'

const at = (id) => document.getElementById(id)
const show = (state) => {
  document.body.dataset.state = state
}

/** The claims that this page explains. */
const MEANINGS = {
  iss: 'who signed it',
  aud: 'who may accept it',
  sub: 'your account at Grove',
  client_id: 'the page it was made for',
  scope: 'what it may be used for',
  cnf: 'the key that has to come with it',
  exp: 'when it ends',
}

function element(name, text, attributes = {}) {
  const made = document.createElement(name)
  made.textContent = text
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  return made
}

function somebodyIsThere({ claims, token, endsAt }) {
  const name = claims.name ?? claims.sub
  at('greeting').textContent = `Hello ${claims.given_name ?? name}`
  at('account-name').textContent = name
  at('initial').textContent = [...name][0].toUpperCase()
  showToken(token, endsAt)
  show('somebody')
  void ask(`${alder}/api/me`, 'alder', (me) => [
    element('p', me.sub, { class: 'figure' }),
    element('p', `It was called by ${me.clientId}, which may ask for ${me.scope.join(', ')}.`),
  ])
  void ask(`${birch}/api/notes`, 'birch', ({ notes }) =>
    notes.length === 0
      ? [
          element('p', 'No notes yet. What you write in your journal at Birch shows up here.', {
            class: 'quiet',
          }),
        ]
      : notes.slice(0, 3).flatMap(({ book, text }) => [element('h3', book), element('p', text)]),
  )
}

/** Asks one API and shows what it said, or in words that it did not. One that fails leaves the other alone. */
async function ask(address, id, draw) {
  try {
    const response = await call(address)
    if (!response.ok) throw new Refused(response.status)
    at(id).replaceChildren(...draw(await response.json()))
  } catch (error) {
    const isOver = error instanceof Refused && error.status === 401
    const text = isOver
      ? 'Your session has ended somewhere else. Sign in again to go on.'
      : 'It does not answer just now. You are still signed in.'
    const again = element('button', isOver ? 'Sign in' : 'Try again', { type: 'button' })
    again.addEventListener('click', () => (isOver ? signIn() : void ask(address, id, draw)))
    at(id).replaceChildren(element('p', text, { role: 'alert' }), again)
  }
}

/** Header and payload, for reading. Without the signature it is nobody's. */
function showToken(token, endsAt) {
  const [header, payload] = token.split('.')
  const part = (name, text) => element('span', text, { class: `token__${name}` })
  at('token').replaceChildren(
    part('header', header),
    '.',
    part('payload', payload),
    '.',
    part('signature', '…'),
  )
  const claims = JSON.parse(
    new TextDecoder().decode(Uint8Array.from(atob(plain(payload)), (one) => one.charCodeAt(0))),
  )
  const rows = Object.entries(MEANINGS).flatMap(([name, meaning]) => {
    const term = element('dt', name)
    term.append(element('small', meaning))
    return [term, element('dd', inWords(claims[name]), { id: `claim-${name}` })]
  })
  at('claims').replaceChildren(...rows)
  const tick = () => {
    const seconds = Math.max(0, Math.round((endsAt - Date.now()) / 1000))
    at('claim-exp').textContent =
      seconds > 0
        ? `ends in ${Math.floor(seconds / 60)} min ${seconds % 60} s`
        : 'ended; the next call brings a new one'
  }
  tick()
  setInterval(tick, 1000)
}

const plain = (base64url) => base64url.replaceAll('-', '+').replaceAll('_', '/')
const inWords = (value) =>
  Array.isArray(value)
    ? value.join(' and ')
    : typeof value === 'object'
      ? Object.values(value).join()
      : String(value)

function trouble(error) {
  console.error(error)
  at('trouble').textContent =
    'Grove does not answer, or not as it should. Nothing is lost: try again in a moment.'
  show('trouble')
}

function signIn() {
  show('asking')
  leaveToSignIn().catch(trouble)
}

for (const id of ['sign-in', 'sign-in-here', 'again']) at(id).addEventListener('click', signIn)
at('sign-out').addEventListener('click', () => leaveToSignOut().catch(trouble))
// A page that the back button brings out of the browser's memory has a token that may be over: it starts anew.
addEventListener('pageshow', ({ persisted }) => persisted && location.reload())

show('asking')
whoIsThere().then((somebody) => (somebody ? somebodyIsThere(somebody) : show('nobody')), trouble)
