import { createHash } from 'node:crypto'
import type { Kit } from './kit.ts'
import { en, type PageCode } from './messages.ts'
import { report } from './report.ts'

// Codes and states are in the addresses of these routes: nothing may keep or pass on either (RFC 9700 §4.2).
const PRIVATE = { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' }

/** 303, so that nothing is posted again (RFC 9700 §4.12). */
export function redirect(location: string, cookies: string[] = []): Response {
  const headers = new Headers({ ...PRIVATE, location })
  for (const cookie of cookies) headers.append('set-cookie', cookie)
  return new Response(null, { status: 303, headers })
}

export function empty(status: number, headers: Record<string, string> = {}): Response {
  return new Response(null, { status, headers: { ...PRIVATE, ...headers } })
}

export function json(status: number, body: object, headers: Record<string, string> = {}): Response {
  return Response.json(body, { status, headers: { ...PRIVATE, ...headers } })
}

export interface PageOptions {
  status: number
  /** What the code is about more exactly, such as the error of the provider: shown behind it. */
  about?: string
  /** One more sentence, such as what the two clocks say. */
  detail?: string
  retry?: { href: string } | { action: string; fields: Record<string, string> }
  cookies?: string[]
  /** For the log of the server, never for the page. */
  cause?: unknown
}

/** A page of the kit's own: one file, no script, nothing fetched. Its code is stable and can be looked up. */
export function page(
  { options }: Kit,
  code: PageCode,
  { status, retry, cookies = [], about, detail, cause: forLog }: PageOptions,
): Response {
  const { title, cause, fix } = en.pages[code]
  if (forLog) report(code, forLog)
  const shown = `<code id="error-code">${escapeHtml(about ? `${code}: ${about}` : code)}</code>`
  const explained = options.errorsUrl
    ? `<a id="about-code" href="${escapeHtml(options.errorsUrl)}#${code}">${shown}</a>`
    : shown
  const html = `<!doctype html><html lang="${en.language}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>${escapeHtml(title)}</title><style>${STYLE}</style></head>
<body><main><p class="site">${escapeHtml(options.siteName)}</p><h1>${escapeHtml(title)}</h1>
<p id="cause">${escapeHtml(cause)}</p>${detail ? `<p id="detail">${escapeHtml(detail)}</p>` : ''}<p id="fix">${escapeHtml(fix)}</p>
<nav>${retry ? retryControl(retry) : ''}<a id="back" href="/">${escapeHtml(en.back(options.siteName))}</a></nav>
<p class="code">${en.errorCode} ${explained}</p></main></body></html>`
  const headers = new Headers({
    ...PRIVATE,
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': contentSecurityPolicy(options.issuer),
    'x-content-type-options': 'nosniff',
    ...(status === 503 && { 'retry-after': '5' }),
  })
  for (const cookie of cookies) headers.append('set-cookie', cookie)
  return new Response(html, { status, headers })
}

function retryControl(retry: NonNullable<PageOptions['retry']>): string {
  if ('href' in retry) return `<a class="action" id="retry" href="${escapeHtml(retry.href)}">${en.retry}</a>`
  const fields = Object.entries(retry.fields).map(
    ([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`,
  )
  return `<form method="post" action="${escapeHtml(retry.action)}">${fields.join('')}<button class="action" id="retry">${en.retry}</button></form>`
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

const STYLE = `:root{color-scheme:light dark;--ground:light-dark(#f6f4ef,#161815);--surface:light-dark(#fffefb,#1e211d);
--ink:light-dark(#23261f,#eceae3);--muted:light-dark(#5d6157,#a9ada2);--line:light-dark(#dcd8cd,#363a33);
--action:light-dark(#2c5a3f,#8fc7a3);--on-action:light-dark(#fff,#10231a)}
*{box-sizing:border-box}body{margin:0;min-height:100vh;display:grid;place-items:center;padding:24px;background:var(--ground);
color:var(--ink);font:17px/1.6 ui-sans-serif,system-ui,sans-serif}
main{width:100%;max-width:560px;background:var(--surface);border:1px solid var(--line);border-radius:16px;padding:40px 32px}
.site{margin:0 0 24px;color:var(--muted);font-size:15px}h1{margin:0 0 16px;font:500 30px/1.2 ui-serif,Georgia,serif;text-wrap:balance}
p{margin:0 0 16px}nav{display:flex;flex-wrap:wrap;gap:12px;margin:28px 0}form{display:contents}
nav a,button{display:inline-flex;align-items:center;min-height:44px;padding:0 20px;border-radius:8px;border:1px solid var(--line);
color:inherit;background:none;font:inherit;text-decoration:none;cursor:pointer}
.code a{color:inherit}
.action{background:var(--action);border-color:var(--action);color:var(--on-action)}
:focus-visible{outline:3px solid var(--action);outline-offset:3px}
.code{margin:0;padding-top:20px;border-top:1px solid var(--line);color:var(--muted);font-size:14px}
code{font-family:ui-monospace,monospace;color:var(--ink)}`

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64')
// `form-action` names the provider too: a browser checks the redirect that follows a post as well.
const contentSecurityPolicy = (issuer: string) =>
  `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action 'self' ${new URL(issuer).origin}; base-uri 'none'; frame-ancestors 'none'`
