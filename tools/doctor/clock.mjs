import { askAuth, authAddressOf } from './provider.mjs'

/** What a site tolerates unless `clockToleranceSeconds` says otherwise. */
const TOLERATED_SECONDS = 10

const NOT_COMPARED = {
  isNote: true,
  isOpen: true,
  what: 'The clocks were not compared: auth does not answer.',
  why: 'The time of its answer would say how far they are apart.',
  fix: 'npm start, then npm run doctor in another terminal',
}

/** The clock of this machine beside the one of auth, if auth is running. */
export async function clock({ auth, sites }) {
  const address = sites[0] ? authAddressOf(sites[0]) : auth && `http://127.0.0.1:${auth.settings.PORT}`
  const { aheadSeconds } = address ? await askAuth(address) : {}
  if (aheadSeconds === undefined) return [NOT_COMPARED]
  if (Math.abs(aheadSeconds) <= TOLERATED_SECONDS) return []
  const seconds = Math.round(Math.abs(aheadSeconds))
  return [
    {
      what: `The clock of auth is ${seconds} s ${aheadSeconds > 0 ? 'ahead of' : 'behind'} the one of this machine.`,
      why: `Sites bear ${TOLERATED_SECONDS} s. Beyond that a fresh token is not valid yet, or has ended already.`,
      fix: 'let both machines ask a time server: timedatectl set-ntp true, or on a Mac sudo sntp -sS time.apple.com',
    },
  ]
}
