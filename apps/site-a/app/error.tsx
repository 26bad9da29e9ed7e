'use client'

import { messages } from '../messages.ts'

const { broken } = messages()

export default function Broken({ error, retry }: { error: Error & { digest?: string }; retry: () => void }) {
  return (
    <div className="page aside">
      <div className="gap gap--fallen" />
      <h1>{broken.title}</h1>
      <p>{broken.text}</p>
      {error.digest && <p className="muted">{broken.code(error.digest)}</p>}
      <button type="button" className="button" onClick={retry}>
        {broken.retry}
      </button>
    </div>
  )
}
