import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    globalSetup: './house.ts',
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
})
