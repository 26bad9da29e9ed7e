import { spawn } from 'node:child_process'

/** No shell reads the address. */
const openers: Partial<Record<NodeJS.Platform, [string, ...string[]]>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
}

/** Where there is no browser nothing happens: the address has been printed. */
export function openBrowser(address: URL): void {
  const [program, ...args] = openers[process.platform] ?? ['xdg-open']
  spawn(program, [...args, address.href], { detached: true, stdio: 'ignore' })
    .once('error', () => {})
    .unref()
}
