import '../orders.css'
import './address.css'
import { ArrowLeft } from 'lucide-react'
import type { Metadata } from 'next'
import Link from 'next/link'
import { type Address, addressOf } from '../../../addresses.ts'
import { messages } from '../../../messages.ts'
import { sso } from '../../../sso.ts'
import { AddressForm } from './address-form.tsx'

const { address: words, orders } = messages()
export const metadata: Metadata = { title: words.title }

const PATH = '/orders/address'

export default async function AddressPage() {
  const { user } = await sso.requireSession({ returnTo: PATH })
  const address = addressOf(user)
  return (
    <div className="page orders">
      <Link className="onward" href="/orders">
        <ArrowLeft size={17} aria-hidden="true" /> {orders.back}
      </Link>
      <h1>{words.title}</h1>
      <div className="address">
        {address ? <Label address={address} /> : <p>{words.none}</p>}
        <AddressForm waiting={await sso.typedAt(PATH)} />
      </div>
    </div>
  )
}

/** The label on the next parcel. */
function Label({ address }: { address: Address }) {
  return (
    <section className="label" aria-labelledby="label-heading">
      <h2 id="label-heading">{words.present}</h2>
      <address id="present-address">
        <b>{address.name}</b>
        <span>{address.street}</span>
        <span>
          {address.postcode} {address.town}
        </span>
        <span>{address.country}</span>
      </address>
      <p className="label__sender">{words.sender}</p>
    </section>
  )
}
