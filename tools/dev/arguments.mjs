import { parseArgs } from 'node:util'

/**
 * @param {string[]} words
 * @returns {{ https: boolean, port?: number }}
 * @throws Error with what to type instead
 */
export function readArguments(words) {
  const { https, port } = parsed(words)
  if (port === undefined) return { https }
  if (!https) throw new Error('--port is where https is: pnpm dev:https --port=9443.')
  if (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535)
    throw new Error(`--port=${port}: a port is a number up to 65535, such as --port=9443.`)
  return { https, port: Number(port) }
}

function parsed(args) {
  const options = { https: { type: 'boolean', default: false }, port: { type: 'string' } }
  try {
    return parseArgs({ args, options }).values
  } catch {
    throw new Error(
      `"${args.join(' ')}" is not understood: pnpm dev, or pnpm dev:https, or pnpm dev:https --port=9443.`,
    )
  }
}
