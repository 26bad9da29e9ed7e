'use client'
import { messages } from '../messages.ts'

const t = messages()

export default function Failed({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <main id="main" className="blank">
      <h1>{t.broken.title}</h1>
      <p className="lead">{t.broken.text}</p>
      <p>
        <button className="button" type="button" onClick={reset}>
          {t.broken.again}
        </button>
      </p>
      {error.digest && <p className="mono">{error.digest}</p>}
    </main>
  )
}
