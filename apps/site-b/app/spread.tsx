import { messages } from '../messages.ts'
import { date } from '../times.ts'
import pages from './spread.json' with { type: 'json' }

const t = messages().spread

/** Two open pages of notes that anybody may read. */
export function Spread() {
  return (
    <section className="spread" aria-labelledby="spread-title">
      <div className="spread__head">
        <h2 id="spread-title">{t.title}</h2>
        <p>{t.lead}</p>
      </div>
      <div className="spread__book">
        {pages.map((page) => (
          <div className="spread__page" key={page[0]?.book}>
            {page.map((note) => (
              <article className="entry" key={note.book}>
                <h3>
                  <cite>{note.book}</cite> <span>{`${t.by} ${note.author}`}</span>
                </h3>
                <p className="entry__text">{note.text}</p>
                <p className="entry__sign">
                  {note.reader}, <time dateTime={note.createdAt}>{date(note.createdAt)}</time>
                </p>
              </article>
            ))}
          </div>
        ))}
      </div>
    </section>
  )
}
