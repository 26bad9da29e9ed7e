import '../orders.css'
import { ArrowLeft } from 'lucide-react'
import type { Metadata } from 'next'
import Link from 'next/link'
import { notFound } from 'next/navigation'
import { date, price } from '../../../format.ts'
import { messages } from '../../../messages.ts'
import { ordersOf, subtotalCents, totalCents } from '../../../orders.ts'
import { sso } from '../../../sso.ts'
import { Cover } from '../../cover.tsx'

const { orders: words } = messages()

export async function generateMetadata({ params }: PageProps<'/orders/[id]'>): Promise<Metadata> {
  return { title: words.number((await params).id) }
}

export default async function OrderPage({ params }: PageProps<'/orders/[id]'>) {
  const { id } = await params
  const { user } = await sso.requireSession({ returnTo: `/orders/${encodeURIComponent(id)}` })
  const order = ordersOf(user).find((candidate) => candidate.id === id)
  if (!order) notFound()
  return (
    <div className="page orders">
      <Link className="onward" href="/orders">
        <ArrowLeft size={17} aria-hidden="true" /> {words.back}
      </Link>
      <h1>{words.number(order.id)}</h1>
      <p className="muted">
        {words.placed} {date(order.placedAt)}
        <span className={`status status--${order.status}`}>{words.status[order.status]}</span>
      </p>
      <div className="receipt">
        <ul>
          {order.lines.map(({ book, copies }) => (
            <li key={book.slug}>
              <Cover book={book} />
              <span>
                <b>{book.title}</b>
                <span className="muted">{book.author}</span>
                <span className="muted">
                  {words.copies(copies)} {price(book.priceCents)}
                </span>
              </span>
              <span className="price">{price(copies * book.priceCents)}</span>
            </li>
          ))}
        </ul>
        <dl>
          <dt>{words.subtotal}</dt>
          <dd className="price">{price(subtotalCents(order))}</dd>
          <dt>{words.postage}</dt>
          <dd className="price">{order.postageCents ? price(order.postageCents) : words.free}</dd>
          <dt>{words.total}</dt>
          <dd className="price">{price(totalCents(order))}</dd>
        </dl>
      </div>
    </div>
  )
}
