import { renderDocument } from './document.tsx'
import { messages } from './messages.ts'

/** For a browser whose cookies are more than this server reads: they come with every request until somebody takes them away. */
export function cookiesPage(): string {
  const text = messages().cookies
  return renderDocument({
    title: text.title,
    rooted: false,
    children: (
      <section class="card" aria-labelledby="heading">
        <h1 id="heading">{text.title}</h1>
        <p class="destination">{text.reason}</p>
        <p>{text.consequence}</p>
        <form id="cookies-form" method="post" action="/cookies">
          <button class="button" id="clear-cookies" type="submit">
            {text.clear}
          </button>
        </form>
        <p class="code">
          <code id="error-code">invalid_request</code> <span class="code__status">431</span>
        </p>
      </section>
    ),
  })
}
