import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Programs and threads that tests start are those that are shipped, built once. */
const built = {
  globalSetup: ['test/built/setup.ts'],
  alias: [
    {
      find: /^\.\/package-root\.ts$/,
      replacement: fileURLToPath(new URL('test/built/package-root.ts', import.meta.url)),
    },
  ],
};

export default defineConfig({
  test: {
    // Two cores are shared with servers that tests start: more workers only make times noisier.
    maxWorkers: 2,
    globalSetup: './test/temp-folder.ts',
    projects: [
      {
        extends: true,
        test: {
          ...built,
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
          ...built,
          name: 'e2e-sim',
          include: ['test/e2e/*.test.ts'],
          exclude: ['test/e2e/arena-*.test.ts'],
          testTimeout: 240_000,
          hookTimeout: 240_000,
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          ...built,
          // Trials of toy servers, which sleep most of the time: two at once.
          name: 'e2e-arena',
          include: ['test/e2e/arena-*.test.ts'],
          testTimeout: 240_000,
          hookTimeout: 240_000,
        },
      },
      {
        extends: true,
        test: {
          ...built,
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
          ...built,
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
