// Requests without a browser.
import { request as http } from 'node:http'
import { request as https } from 'node:https'

const PATIENCE_MS = 20_000

const WRONG_SECRET = {
  method: 'POST',
  body: 'grant_type=authorization_code&code=none&redirect_uri=none&code_verifier=none',
  headers: {
    authorization: `Basic ${Buffer.from('alder:wrong').toString('base64')}`,
    'content-type': 'application/x-www-form-urlencoded',
  },
}
/** The same from a machine of the inner network: a program for `node -e` that prints the status. */
export const WRONG_SECRET_FROM_INSIDE = `fetch('http://gateway:4000/token', ${JSON.stringify(WRONG_SECRET)}).then((answer) => console.log(answer.status))`

/**
 * One request over HTTPS to a name that leads to this machine. The chain and the name of the certificate are checked.
 * @param {{ authority: string, method?: string, body?: string, headers?: object }} options
 * @returns {Promise<{ status: number, headers: object, text: string }>} rejects when there is no whole answer
 */
export function asks(address, { authority, method = 'GET', body, headers = {} }) {
  const options = {
    ...{ method, headers, ca: authority, agent: false, timeout: PATIENCE_MS },
    lookup: (_, { all }, found) =>
      all ? found(null, [{ address: '127.0.0.1', family: 4 }]) : found(null, '127.0.0.1', 4),
  }
  return new Promise((resolve, reject) => {
    const asking = https(address, options, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (piece) => {
        text += piece
      })
      response.once('end', () => resolve({ status: response.statusCode, headers: response.headers, text }))
      response.once('error', reject)
    })
    asking.once('timeout', () => asking.destroy(new Error(`${address} did not answer`)))
    asking.once('error', reject).end(body)
  })
}

/** Asks for what needs the database and what does not, again and again; 4xx is an answer, 5xx and silence are none. */
export function keepsAsking(auth, authority) {
  const failed = []
  let asked = 0
  let isOver = false
  const one = async () => {
    while (!isOver) {
      asked++
      const wanted = asked % 2 ? asks(`${auth}/jwks`, { authority }) : asks(`${auth}/readyz`, { authority })
      await wanted.then(
        ({ status }) => status >= 500 && failed.push(status),
        (error) => failed.push(error.message),
      )
    }
  }
  const all = Promise.all([one(), one(), one(), one()])
  return {
    async ends() {
      isOver = true
      await all
      return { asked, failed }
    },
  }
}

/** A client that does not know its secret, and says that it asks for somebody else. */
export function wrongSecret(auth, authority, claimedAddress) {
  const headers = { ...WRONG_SECRET.headers, 'x-forwarded-for': claimedAddress }
  return asks(`${auth}/token`, { ...WRONG_SECRET, authority, headers })
}

/** One request over plain http to a name that leads to this machine. */
export function plainly(host) {
  return new Promise((resolve, reject) => {
    http({ host: '127.0.0.1', port: 80, headers: { host } }, (response) => {
      response.resume()
      resolve({ status: response.statusCode, headers: response.headers })
    })
      .once('error', reject)
      .end()
  })
}
