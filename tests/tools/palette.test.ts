import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { repository } from './copy.ts'

const palette = readFileSync(join(repository, 'tools/add-site/template/app/palette.css'), 'utf8')
const plan = readFileSync(join(repository, 'tools/add-site/plan.mjs'), 'utf8')
const hues = (/const HUES = \[([^\]]+)\]/.exec(plan)?.[1] ?? '').split(',').map(Number)
const WCAG_AA = 4.5

type Scheme = 'light' | 'dark'

/** Words, and what they stand on. */
const pairs = [
  ...['ink', 'muted', 'action'].flatMap((words) => ['ground', 'surface'].map((on) => [words, on] as const)),
  ['on-action', 'action'],
] as const

/** The relative luminance (WCAG 2) of a colour of the palette, through Ottosson's OKLab. */
function luminance(name: string, scheme: Scheme, hue: number): number {
  const number = '([\\d.]+)'
  const step = `oklch\\(${number} ${number} var\\(--hue\\)\\)`
  const [, ...steps] = new RegExp(`--${name}: light-dark\\(${step}, ${step}\\)`).exec(palette) ?? []
  const [lightness = Number.NaN, chroma = 0] = steps.map(Number).slice(scheme === 'light' ? 0 : 2)
  const angle = (hue * Math.PI) / 180
  const [a, b] = [chroma * Math.cos(angle), chroma * Math.sin(angle)]
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3
  const rgb = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ]
  const [red = 0, green = 0, blue = 0] = rgb.map((part) => Math.min(1, Math.max(0, part)))
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

test.each(hues.flatMap((hue) => [[hue, 'light'] as const, [hue, 'dark'] as const]))(
  'words can be read in hue %d, %s',
  (hue, scheme) => {
    for (const [words, on] of pairs) {
      const [one, other] = [luminance(words, scheme, hue), luminance(on, scheme, hue)]
      const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05)
      expect(contrast, `${words} on ${on}`).toBeGreaterThanOrEqual(WCAG_AA)
    }
  },
)

test('six sites can have a hue of their own', () => {
  expect(hues.filter((hue) => hue >= 0 && hue < 360)).toHaveLength(6)
})
