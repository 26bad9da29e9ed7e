import type { CSSProperties } from 'react'
import type { Book } from '../books.ts'

// Every cover is made of these, each drawn on a 2 × 2 square around its middle.
const SHAPES = {
  disc: 'M-1 0a1 1 0 1 0 2 0a1 1 0 1 0-2 0z',
  ring: 'M-1 0a1 1 0 1 0 2 0a1 1 0 1 0-2 0zM-.86 0a.86 .86 0 1 1 1.72 0a.86 .86 0 1 1-1.72 0z',
  dome: 'M-1 0a1 1 0 0 1 2 0z',
  quarter: 'M-1 1V-1A2 2 0 0 1 1 1z',
  moon: 'M.4-.92A1 1 0 1 0 .4 .92A1.1 1.1 0 0 1 .4-.92z',
  bar: 'M-1-1H1V1H-1z',
  peak: 'M0-1L1 1H-1z',
  leaf: 'M0-1C1-.4 1 .4 0 1C-1 .4-1-.4 0-1z',
  waves: 'M-1 0q.125-1 .25 0t.25 0t.25 0t.25 0t.25 0t.25 0t.25 0t.25 0v1h-2z',
}

const ink = (name?: string) => `var(--print-${name})`
const standing = (height: number) => ({ '--height': height }) as CSSProperties // React's type knows no custom properties

/** The front of a book. It says nothing that the title beside it does not say, so a screen reader passes it by. */
export function Cover({ book: { author, cover } }: { book: Book }) {
  return (
    <svg className="cover" viewBox="0 0 100 150" aria-hidden="true" style={standing(cover.height)}>
      <rect width="100" height="150" fill={ink(cover.paper)} />
      {cover.marks.map((mark) => (
        <Mark key={mark} text={mark} />
      ))}
      <g fill={ink(cover.type)}>
        <text className="cover__author" x="9" y="13">
          {author}
        </text>
        {cover.lines.map((line, index) => (
          <text key={line} className="cover__title" x="8.5" y={27 + index * 13}>
            {line}
          </text>
        ))}
      </g>
      <rect className="cover__fold" x="3.5" width="1" height="150" />
    </svg>
  )
}

/** The back of a book on the shelf. */
export function Spine({ book: { title, cover } }: { book: Book }) {
  const { paper, type, height, spine } = cover
  return (
    <svg className="cover" viewBox={`0 0 ${spine} 150`} aria-hidden="true" style={standing(height)}>
      <rect width={spine} height="150" fill={ink(paper)} />
      <path d={`M0 8H${spine}v1.2H0zM0 128H${spine}v1.2H0z`} fill={ink(type)} />
      <path d={SHAPES.leaf} transform={`translate(${spine / 2} 138) scale(2.4 4)`} fill={ink(type)} />
      <text className="cover__spine" transform={`translate(${spine / 2} 15) rotate(90)`} fill={ink(type)}>
        {title}
      </text>
    </svg>
  )
}

/** One mark of the catalogue: shape, ink, middle x and y, half width, half height and a turn in degrees, on 100 × 150. */
function Mark({ text }: { text: string }) {
  const [shape, color, x, y, width, height, turn = 0] = text.split(' ')
  return (
    <path
      d={SHAPES[shape as keyof typeof SHAPES]} // the catalogue is data; a shape that is not here draws nothing
      fill={ink(color)}
      fillRule="evenodd"
      transform={`translate(${x} ${y}) rotate(${turn}) scale(${width} ${height})`}
    />
  )
}
