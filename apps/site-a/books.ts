import catalogue from './catalogue.json' with { type: 'json' }

export type Book = (typeof catalogue)[number]

/** The table: what Alder sells this season, and how each cover is drawn. */
export const books: readonly Book[] = catalogue

/** The book with this slug. Throws when there is none: slugs are written in this repository, so that is a mistake in it. */
export function bookOf(slug: string): Book {
  const book = books.find((candidate) => candidate.slug === slug)
  if (!book) throw new Error(`there is no book ${slug}`)
  return book
}
