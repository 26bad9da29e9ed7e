// `pnpm keys:rotate`: the next keys sign from now on.
//   --now              even if they were published so short a while ago that sites may not know them
//   --withdraw <kid>   instead: that key is leaked, and nothing that it signed is to be trusted any more
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type Keyring, openKeyring } from './domain/keyring.ts'
import { operate } from './operator.ts'
import { SettingsError } from './settings.ts'

const options = { now: { type: 'boolean', default: false }, withdraw: { type: 'string' } } as const

async function promote(keyring: Keyring, mayBeYoung: boolean): Promise<void> {
  for (;;) {
    const seconds = await keyring.promote(new Date(), { mayBeYoung })
    if (seconds === 0) return console.log('The next keys sign. Servers that run follow within a minute.')
    console.log(
      `The next keys are too young: sites may not know them. Waiting ${Math.ceil(seconds / 60)} min (Ctrl-C changes nothing; --now does not wait).`,
    )
    await sleep(seconds * 1000)
  }
}

async function withdraw(keyring: Keyring, keyId: string): Promise<void> {
  const outcome = await keyring.withdraw(keyId, new Date())
  if (outcome === 'unknown') throw new SettingsError(`There is no key ${keyId}: /jwks lists them.`)
  if (outcome === 'changed_meanwhile') return await withdraw(keyring, keyId)
  console.log(`${keyId} is withdrawn. docs/operations/keys.md says when it is gone everywhere.`)
}

operate('The keys were not changed', async (store, settings) => {
  const { values } = parseArgs({ options })
  const keyring = await openKeyring(store.keys, settings.AUTH_SECRET, new Date())
  if (values.withdraw === undefined) await promote(keyring, values.now)
  else await withdraw(keyring, values.withdraw)
})
