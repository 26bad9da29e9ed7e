// `pnpm build`: the server as plain JavaScript. What runs then needs no compiler beside it, which halves its memory and its start.
// Another folder may be named, and more programs, for tests that start many.
import { cpSync, readFileSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
// As deep as src/store, from where the migrations are found.
const [, , outdir = 'dist/server', ...more] = process.argv
const { dependencies } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'))

rmSync(`${root}${outdir}`, { recursive: true, force: true })
await build({
  absWorkingDir: root,
  // The server, and what an operator runs beside it where there is no TypeScript.
  entryPoints: [
    'src/main.ts',
    'src/rotate-keys.ts',
    'src/account-claims.ts',
    'src/account-password.ts',
    'src/account-sign-out.ts',
    'src/backup.ts',
    'src/restore.ts',
    ...more,
  ],
  outdir,
  bundle: true,
  // A database that is not in use is not loaded either.
  splitting: true,
  chunkNames: '[name]-[hash]',
  format: 'esm',
  platform: 'node',
  target: 'node20',
  // What npm installs is found where npm put it. What is ours is TypeScript, and comes in.
  external: Object.keys(dependencies).filter((name) => !name.startsWith('@grove/')),
  // The libraries of what is ours come in too, and some of them call `require`, which a module does not have by itself.
  banner: {
    js: [
      '// Built from src/ by tools/build.mjs.',
      "import { createRequire as requireOf } from 'node:module'",
      'const require = requireOf(import.meta.url)',
    ].join('\n'),
  },
  logLevel: 'warning',
})
cpSync(`${root}src/pages/assets`, `${root}${outdir}/assets`, { recursive: true })
