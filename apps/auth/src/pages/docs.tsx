import { renderDocument } from './document.tsx'
import { messages } from './messages.ts'

/** The parts of an OpenAPI document that the page reads. */
export interface DocsPageProps {
  paths: Record<string, Record<string, DocumentedOperation>>
}
interface DocumentedOperation {
  operationId: string
  summary: string
  tags: string[]
  parameters?: { name: string; in: string; required: boolean; description?: string | undefined }[]
  requestBody?: {
    content: Record<
      string,
      { schema: { required: string[]; properties: Record<string, { description?: string | undefined }> } }
    >
  }
  responses: Record<string, { description: string; content?: object }>
}
type Row = DocumentedOperation & { method: string; path: string }

/** The OpenAPI document to read: who asks what where, what it takes and what it answers. */
export function docsPage({ paths }: DocsPageProps): string {
  const text = messages().docs
  const rows: Row[] = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      ...operation,
      method: method.toUpperCase(),
      path,
    })),
  )
  const tags = [...new Set(rows.flatMap((row) => row.tags))]
  return renderDocument({
    title: text.title,
    rooted: true,
    children: (
      <article class="card docs" aria-labelledby="heading">
        <h1 id="heading">{text.heading}</h1>
        <p class="destination">
          {text.lead} <a href="/openapi.json">openapi.json</a>
        </p>
        {tags.map((tag) => (
          <section key={tag} aria-labelledby={tag}>
            <h2 id={tag}>{text.tags[tag as keyof typeof text.tags] ?? tag}</h2>
            {rows
              .filter((row) => row.tags.includes(tag))
              .map((row) => (
                <Operation key={row.operationId} {...row} />
              ))}
          </section>
        ))}
      </article>
    ),
  })
}

function Operation({ method, path, summary, parameters = [], requestBody, responses }: Row) {
  const text = messages().docs
  const form = Object.values(requestBody?.content ?? {}).flatMap(({ schema }) =>
    Object.entries(schema.properties).map(([name, { description }]) => ({
      name,
      in: 'form',
      required: schema.required.includes(name),
      description,
    })),
  )
  return (
    <details class="operation">
      <summary>
        <code class={`method method--${method.toLowerCase()}`}>{method}</code>
        <code class="operation__path">{path}</code>
        <span class="operation__is">{summary}</span>
      </summary>
      <dl>
        {[...parameters, ...form].map((parameter) => (
          <div key={parameter.name}>
            <dt>
              <code>{parameter.name}</code>
              <small>{parameter.required ? text.required(parameter.in) : parameter.in}</small>
            </dt>
            <dd>{plain(parameter.description)}</dd>
          </div>
        ))}
        {Object.entries(responses).map(([status, { description, content }]) => (
          <div key={status}>
            <dt>
              <code>{status}</code>
              <small>{text.answer}</small>
            </dt>
            <dd>
              {plain(description)}
              {content && <small>{Object.keys(content).join(', ')}</small>}
            </dd>
          </div>
        ))}
      </dl>
    </details>
  )
}

// The document is CommonMark; the page shows names as they stand.
const plain = (text = ''): string => text.replaceAll('`', '')
