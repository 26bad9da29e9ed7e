import { type Book, bookOf } from './books.ts'

export type OrderStatus = 'packing' | 'sent' | 'delivered'
export interface Order {
  id: string
  placedAt: Date
  status: OrderStatus
  lines: { book: Book; copies: number }[]
  postageCents: number
}

const FREE_POSTAGE_FROM_CENTS = 2500
const POSTAGE_CENTS = 390

// Demo data, under the account ids of the seed file: an e-mail can change hands, the id never does.
const ordersByAccount = new Map<string, Order[]>([
  [
    'acc_alice',
    [
      order('A-2107', '2026-11-20', 'sent', { kokoro: 1, 'moby-dick': 1, alice: 2 }),
      order('A-1988', '2026-09-28', 'delivered', { lighthouse: 1, 'garden-party': 1 }),
      order('A-1764', '2026-06-14', 'delivered', { walden: 1 }),
    ],
  ],
  ['acc_bob', [order('A-2093', '2026-11-17', 'packing', { flatland: 1, 'time-machine': 1 })]],
])

function order(id: string, day: string, status: OrderStatus, copies: Record<string, number>): Order {
  const lines = Object.entries(copies).map(([slug, count]) => ({ book: bookOf(slug), copies: count }))
  const postageCents = subtotalCents({ lines }) < FREE_POSTAGE_FROM_CENTS ? POSTAGE_CENTS : 0
  return { id, placedAt: new Date(`${day}T10:00:00Z`), status, lines, postageCents }
}

/** The orders of one person, newest first. There is no other way to an order, so nobody reaches somebody else's. */
export function ordersOf(user: { id: string }): readonly Order[] {
  return ordersByAccount.get(user.id) ?? []
}

export function subtotalCents({ lines }: Pick<Order, 'lines'>): number {
  return lines.reduce((sum, { book, copies }) => sum + book.priceCents * copies, 0)
}

export function totalCents(order: Order): number {
  return subtotalCents(order) + order.postageCents
}
