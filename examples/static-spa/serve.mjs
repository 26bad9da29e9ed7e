// Serves the page as a CDN would: these files as they are, with these headers, and nothing that could answer a question.
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const PORT = Number(process.env.PORT ?? 4100)

const library = createRequire(import.meta.url).resolve('oauth4webapi')
const page = (name) => fileURLToPath(new URL(`public/${name}`, import.meta.url))

/** Every address, its file and its type. */
const files = {
  '/': [page('index.html'), 'text/html; charset=utf-8'],
  '/main.js': [page('main.js'), 'text/javascript'],
  '/sign-in.js': [page('sign-in.js'), 'text/javascript'],
  '/settings.js': [page('settings.js'), 'text/javascript'],
  '/oauth4webapi.js': [library, 'text/javascript'], // one file that imports nothing: it is uploaded beside the others
  '/page.css': [page('page.css'), 'text/css'],
  '/bones.css': [page('bones.css'), 'text/css'],
  '/catkin.svg': [page('catkin.svg'), 'image/svg+xml'],
}

// What a page cannot say of itself: the rest of the policy stands in index.html. A code may be in its address, so no Referer.
const headers = {
  'content-security-policy': "frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-cache',
}

createServer(async ({ method, url = '/' }, response) => {
  const path = url.split('?', 1).join()
  if (!Object.hasOwn(files, path) || !/^(GET|HEAD)$/.test(method ?? ''))
    return response.writeHead(404, headers).end()
  const [file, type] = files[path]
  const content = await readFile(file)
  response.writeHead(200, { ...headers, 'content-type': type }).end(content)
}).listen(PORT, '127.0.0.1', () => console.log(`The page is at http://spa.localhost:${PORT}`))
