import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    globalSetup: ['src/testing/built.fixture.ts', 'src/testing/postgres.fixture.ts'],
    // Vitest leaves one core alone. This is the longest of all suites, and its files wait for processes and not for the core.
    maxWorkers: '100%',
  },
})
