'use client'
import { useActionState } from 'react'
import { ADDRESS_FIELDS, ADDRESS_LIMITS, type Address } from '../../../addresses.ts'
import { messages } from '../../../messages.ts'
import { changeAddress } from './actions.ts'

const { address: words } = messages()

/** `waiting`: what was typed before a fresh login. Works without script too: then the action's answer is a page. */
export function AddressForm({ waiting }: { waiting: Partial<Address> | null }) {
  const [state, submit, isSending] = useActionState(changeAddress, {})
  const typed = state.typed ?? (state.isDone ? {} : (waiting ?? {}))
  return (
    <form id="address-form" action={submit} className="address-form" noValidate>
      <h2>{words.change}</h2>
      <p className="address-form__note" role="status">
        {state.isDone ? words.done : waiting && !state.problems ? words.waiting : words.why}
      </p>
      {ADDRESS_FIELDS.map((field) => (
        <div key={field} className={`field field--${field}`}>
          <label htmlFor={field}>{words.fields[field]}</label>
          <input
            id={field}
            name={field}
            autoComplete={words.autoComplete[field]}
            maxLength={ADDRESS_LIMITS[field]}
            required
            defaultValue={typed[field]}
            aria-invalid={state.problems?.[field] !== undefined}
            aria-describedby={`${field}-problem`}
          />
          <p id={`${field}-problem`} className="field__problem" role="alert">
            {state.problems?.[field] && words.problems[state.problems[field]]}
          </p>
        </div>
      ))}
      <button id="change-address" type="submit" className="button" disabled={isSending}>
        {isSending ? words.sending : words.send}
      </button>
    </form>
  )
}
