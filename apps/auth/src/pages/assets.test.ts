import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { asset, versioned } from './assets.ts'

const css = new TextDecoder().decode(asset('/assets/grove.css')?.body)
const bones = readFileSync(new URL('assets/bones.css', import.meta.url), 'utf8')

/** The custom properties that a stylesheet reads but gives no value. */
function unset(sheet: string, values = sheet): string[] {
  const given = new Set([...values.matchAll(/(--[\w-]+):\s*[^;\s]/g)].map(([, name]) => name))
  return [...sheet.matchAll(/var\((--[\w-]+)/g)].flatMap(([, name = '']) => (given.has(name) ? [] : [name]))
}

test('every custom property that the bones ask of an app has a value', () => {
  expect(unset(bones)).toContain('--ground')
  expect(unset(bones, css)).toEqual([])
  expect(unset(css)).toEqual([])
})

test('every colour has a light and a dark value, and only the palette and the bones name colours', () => {
  const palette = readFileSync(new URL('assets/palette.css', import.meta.url), 'utf8')
  const colours = palette.split('\n').filter((line) => line.includes('#'))
  expect(colours.length).toBeGreaterThan(10)
  for (const line of colours) expect(line).toMatch(/: light-dark\(#[0-9a-f]{6}, #[0-9a-f]{6}\);$/)
  expect(css.replace(bones, '').replace(palette, '')).not.toMatch(/#[0-9a-f]{3,8}\b|rgb\(|hsl\(|oklch\(/i)
})

test('AZ-13 the stylesheet asks only for fonts that stand here', () => {
  const addresses = [...css.matchAll(/url\(([^)]+)\)/g)].map((match) => match[1] ?? '')
  expect(addresses.length).toBeGreaterThan(5)
  for (const address of addresses) {
    const [path = ''] = address.split('?')
    expect(asset(path)?.type).toBe('font/woff2')
    expect(address).toBe(versioned(path))
  }
  expect(css).not.toContain('@import')
})

test('three faces: display, text, code', () => {
  for (const face of ['Fraunces Variable', 'Figtree Variable', 'Geist Mono Variable']) {
    expect(css).toContain(`font-family: '${face}'`)
    expect(css).toMatch(new RegExp(`--face-\\w+: "${face}"`))
  }
})

test('nothing else is served', () => {
  expect(asset('/assets/grove.svg')?.type).toBe('image/svg+xml')
  expect(asset('/assets/../assets.ts')).toBeUndefined()
  expect(asset('/assets/bones.css')).toBeUndefined()
  expect(() => versioned('/assets/none.css')).toThrow('no asset')
})
