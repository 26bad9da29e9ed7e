import { WarningIcon } from './icons.tsx'

/** What is wrong with a form that came back. It stands beside the field that it is about, or above all of them. */
export interface Problem {
  text: string
  /** The name of a field, or `form`. */
  place: string
  /** Fields that may each be what is wrong, when nobody can or should say which. */
  doubtful?: readonly string[]
}

interface FieldProps {
  name: string
  label: string
  type: 'text' | 'email' | 'password'
  autocomplete: string
  problem: Problem | undefined
  value?: string | undefined
  hint?: string
  isOptional?: boolean
  autofocus?: boolean
}

/** Without script nothing announces an error, so each field of the form names it as its description. */
export function Field({ name, label, type, problem, hint, isOptional, ...input }: FieldProps) {
  const isWrong = problem?.place === name || problem?.doubtful?.includes(name)
  const described = [problem && 'form-error', hint && `${name}-hint`].filter(Boolean).join(' ')
  return (
    <div class="field">
      <label for={name}>{label}</label>
      <input
        id={name}
        name={name}
        required={!isOptional}
        aria-invalid={isWrong ? ('true' as const) : undefined}
        aria-describedby={described || undefined}
        type={type as 'text'} // preact's types know an input of one type, not of one of three
        {...(type === 'email' && { inputmode: 'email', autocapitalize: 'none' as const, spellcheck: false })}
        {...input}
      />
      {hint && (
        <p class="hint" id={`${name}-hint`}>
          {hint}
        </p>
      )}
      {problem?.place === name && <FormProblem text={problem.text} />}
    </div>
  )
}

export function FormProblem({ text }: { text: string }) {
  return (
    <p class="problem" id="form-error" role="alert">
      <WarningIcon />
      <span>{text}</span>
    </p>
  )
}

/** Above the fields: a problem of the form as a whole. */
export function ProblemOfForm({ problem }: { problem: Problem | undefined }) {
  return problem?.place === 'form' ? <FormProblem text={problem.text} /> : null
}
