'use client'

import { messages } from '../messages.ts'

const { broken } = messages()

export default function Broken({ reset }: { error: Error; reset: () => void }) {
  return (
    <div className="page plain">
      <h1>{broken.title}</h1>
      <p className="lead">{broken.text}</p>
      <button type="button" className="button" onClick={reset}>
        {broken.again}
      </button>
    </div>
  )
}
