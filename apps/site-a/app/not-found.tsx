import type { Metadata } from 'next'
import Link from 'next/link'
import { books } from '../books.ts'
import { messages } from '../messages.ts'
import { Spine } from './cover.tsx'

const { lost } = messages()
export const metadata: Metadata = { title: lost.title }

export default function NotFound() {
  return (
    <div className="page aside">
      <div className="gap">
        {books.slice(1, 7).map((book) => (
          <Spine key={book.slug} book={book} />
        ))}
      </div>
      <h1>{lost.title}</h1>
      <p>{lost.text}</p>
      <Link className="button" href="/">
        {lost.home}
      </Link>
    </div>
  )
}
