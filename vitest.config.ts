import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    pool: 'forks', // the gate sets its umask, which a worker thread cannot
    testTimeout: 30_000, // many tests start processes, and machines are noisy
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['packages/*/test/**/*.test.ts', 'services/*/test/**/*.test.ts'] },
      },
      {
        extends: true,
        test: {
          name: 'system',
          include: ['test/system/**/*.test.ts'],
          globalSetup: 'test/system/setup.ts', // finds a PostgreSQL and builds the module, once
          hookTimeout: 120_000,
        },
      },
    ],
  },
})
