'use server'
import { revalidatePath } from 'next/cache'
import { type Address, checkAddress, type Problems, sendOrdersTo, typedAddress } from '../../../addresses.ts'
import { sso } from '../../../sso.ts'

/** What the form shows next: what is wrong beside each field, and what was typed; or that it is done. */
export interface AddressFormState {
  readonly problems?: Problems
  readonly typed?: Address
  readonly isDone?: boolean
}

/**
 * Sends the orders of the signed-in person somewhere else. That is what a thief at an open laptop would do, so the login has to be
 * five minutes old at most. When it is older, what was typed waits, and is shown once more before anything happens.
 */
export async function changeAddress(_before: AddressFormState, form: FormData): Promise<AddressFormState> {
  const typed = typedAddress(form)
  const checked = checkAddress(typed)
  // Before the login: nobody should type a password to hear that the town is missing. It says nothing about anyone.
  if ('problems' in checked) return { problems: checked.problems, typed }
  const { user } = await sso.requireSession({ returnTo: '/orders/address', maxAge: 300, typed })
  sendOrdersTo(user, checked.address)
  revalidatePath('/orders/address')
  return { isDone: true }
}
