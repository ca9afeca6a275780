import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Two cores are shared with servers that tests start: more workers only make times noisier.
    maxWorkers: 2,
    globalSetup: './test/temp-folder.ts',
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['src/**/*.test.{ts,tsx}', 'test/*.test.ts', 'test/cli/*.test.ts'],
          // Ends what hangs; a busy machine is no failure.
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'known-truth',
          include: ['test/known-truth/*.test.ts'],
          testTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e-sim',
          include: ['test/e2e/*.test.ts'],
          testTimeout: 240_000,
          hookTimeout: 240_000,
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'corpus',
          include: ['test/corpus/*.test.ts'],
          testTimeout: 300_000,
          // Toy servers sleep most of the time; with more at a time the client is late itself.
          maxConcurrency: 3,
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e-real',
          include: ['test/real/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
