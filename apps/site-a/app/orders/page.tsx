import './orders.css'
import { ArrowRight } from 'lucide-react'
import type { Metadata } from 'next'
import Link from 'next/link'
import { date, price } from '../../format.ts'
import { messages } from '../../messages.ts'
import { type Order, ordersOf, totalCents } from '../../orders.ts'
import { sso } from '../../sso.ts'
import { Cover } from '../cover.tsx'

const { orders: words } = messages()
export const metadata: Metadata = { title: words.title }

export default async function Orders() {
  const { user } = await sso.requireSession({ returnTo: '/orders' })
  const orders = ordersOf(user)
  return (
    <div className="page orders">
      <h1>{orders.length ? words.title : words.emptyHeading}</h1>
      <p className="muted">{orders.length ? words.lead(orders.length) : words.empty}</p>
      <Link className="onward" id="to-address" href="/orders/address">
        {words.toAddress} <ArrowRight size={17} aria-hidden="true" />
      </Link>
      {orders.length ? orders.map((order) => <Parcel key={order.id} order={order} />) : <Empty />}
    </div>
  )
}

function Parcel({ order }: { order: Order }) {
  const { id, placedAt, status, lines } = order
  return (
    <Link className="parcel" href={`/orders/${id}`}>
      <span className="parcel__books">
        {lines.map(({ book }) => (
          <Cover key={book.slug} book={book} />
        ))}
      </span>
      <span className="parcel__what">
        <b>{words.titles(lines[0]?.book.title ?? '', lines.length - 1)}</b>
        <span className="muted">
          {words.number(id)} · {date(placedAt)}
        </span>
      </span>
      <span className="parcel__sum">
        <b className="price">{price(totalCents(order))}</b>
        <span className={`status status--${status}`}>{words.status[status]}</span>
      </span>
    </Link>
  )
}

function Empty() {
  return (
    <Link className="button" href="/#table">
      {words.toTable}
    </Link>
  )
}
