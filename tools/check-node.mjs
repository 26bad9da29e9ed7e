// Must run on any Node, however old: no imports, and only words every Node can read.
const [major, minor] = process.versions.node.split('.').map(Number)

if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    'Grove needs Node 20.19 or newer and this is Node ' +
      process.versions.node +
      ': install Node 24 (https://nodejs.org), then type the same command again.',
  )
  process.exit(1)
}
