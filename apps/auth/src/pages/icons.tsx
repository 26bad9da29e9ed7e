import type { ComponentChildren } from 'preact'

/** Small line icons, drawn on a 20 px grid. Decoration only: the words beside them say the same. */
function Icon({ children }: { children: ComponentChildren }) {
  return (
    <svg class="icon" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
      {children}
    </svg>
  )
}

export const DoneIcon = () => (
  <Icon>
    <path d="M4 10.5 8.2 15 16 5.5" />
  </Icon>
)

export const PendingIcon = () => (
  <Icon>
    <circle cx="10" cy="10" r="7" />
    <path d="M10 6v4.2l2.8 1.8" />
  </Icon>
)

export const NothingIcon = () => (
  <Icon>
    <path d="M5 10h10" />
  </Icon>
)

export const ArrowIcon = () => (
  <Icon>
    <path d="M4 10h12M11 5l5 5-5 5" />
  </Icon>
)

export const WarningIcon = () => (
  <Icon>
    <circle cx="10" cy="10" r="7.5" />
    <path d="M10 5.8v5.2M10 13.9v.2" />
  </Icon>
)
