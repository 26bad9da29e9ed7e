import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // Each test starts a server, and one of them a browser.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // node-oidc-provider says with each of its defaults that it is one.
    onConsoleLog: (line) => !line.includes('oidc-provider'),
  },
})
