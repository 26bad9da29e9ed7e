import { versioned } from './assets.ts'
import { renderDocument } from './document.tsx'
import { messages } from './messages.ts'

export interface FormPostPageProps {
  /** The registered address of the client. */
  action: string
  fields: Readonly<Record<string, string>>
}

/** Carries the answer to a client that wants it as a form (OAuth 2.0 Form Post Response Mode). Without script a button does it. */
export function formPostPage({ action, fields }: FormPostPageProps): string {
  const text = messages().formPost
  return renderDocument({
    title: text.title,
    rooted: true,
    children: (
      <section class="card" aria-labelledby="heading">
        <h1 id="heading">{text.heading}</h1>
        <p class="destination">{new URL(action).host}</p>
        <form id="form-post" method="post" action={action}>
          {Object.entries(fields).map(([name, value]) => (
            <input key={name} type="hidden" name={name} value={value} />
          ))}
          <button class="button" id="continue" type="submit">
            {text.button}
          </button>
        </form>
        <script src={versioned('/assets/form-post.js')} />
      </section>
    ),
  })
}
