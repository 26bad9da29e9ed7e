import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

/** A file the pages ask for. Pages ask with its version (`?v=`), so a browser may keep the answer for good. */
export interface Asset {
  type: string
  body: Uint8Array<ArrayBuffer>
}

const FONT_SHEETS = [
  '@fontsource-variable/fraunces/opsz.css',
  '@fontsource-variable/figtree/wght.css',
  '@fontsource-variable/geist-mono/wght.css',
]
const SHEETS = ['bones.css', 'palette.css', 'frame.css', 'card.css', 'rows.css', 'account.css', 'docs.css']

const require = createRequire(import.meta.url)
const served = new Map<string, Asset>()

const styles = [...FONT_SHEETS.map(fontFaces), ...SHEETS.map((name) => ownFile(name).toString())]
served.set('/assets/grove.css', { type: 'text/css; charset=utf-8', body: Buffer.from(styles.join('\n')) })
served.set('/assets/form-post.js', { type: 'text/javascript; charset=utf-8', body: ownFile('form-post.js') })
served.set('/assets/grove.svg', { type: 'image/svg+xml', body: ownFile('grove.svg') })

/** What stands at `path` (without its query), read once at start; `undefined` when nothing does. */
export function asset(path: string): Asset | undefined {
  return served.get(path)
}

/** The address to ask for `path` with: a new version of the file has a new address. Throws when nothing stands there. */
export function versioned(path: string): string {
  const body = served.get(path)?.body
  if (!body) throw new Error(`no asset at ${path}`)
  return `${path}?v=${createHash('sha256').update(body).digest('hex').slice(0, 12)}`
}

function ownFile(name: string): Buffer<ArrayBuffer> {
  return readFileSync(new URL(`assets/${name}`, import.meta.url))
}

/** Serves every font file that a package's stylesheet names, and gives that stylesheet back with our addresses. */
function fontFaces(sheet: string): string {
  const text = readFileSync(require.resolve(sheet), 'utf8')
  return text.replaceAll(/url\(\.\/files\/([\w-]+\.woff2)\)/g, (_, name: string) => {
    const path = `/assets/fonts/${name}`
    const body = readFileSync(require.resolve(sheet.replace(/[^/]+$/, `files/${name}`)))
    served.set(path, { type: 'font/woff2', body })
    return `url(${versioned(path)})`
  })
}
