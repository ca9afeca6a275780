import { expect, it } from 'vitest';
import { countRowsNeeded } from './rows-needed.ts';

const none = {
  requests: null,
  duration: null,
  rate: null,
  sweep: null,
  sustained: null,
  fitContext: false,
  concurrency: null,
  maxConcurrency: null,
};

it.each([
  [{ ...none, requests: 4 }, 64],
  [{ ...none, requests: 500 }, 1000],
  [{ ...none, requests: 500, fitContext: true }, 2000],
  [{ ...none, rate: [1, 5] }, 600],
  [{ ...none, rate: [1, 5], sustained: 300, requests: 10 }, 3000],
  [{ ...none, sweep: 'article' as const }, 50 * 60 * 2],
  // 5 replies a second of each stream, 60 s unless given.
  [{ ...none, maxConcurrency: [1, 8] }, 8 * 5 * 60],
  [{ ...none, maxConcurrency: [8], duration: 30 }, 8 * 5 * 30],
  [{ ...none, maxConcurrency: [8], duration: 30, requests: 100 }, 200],
  [{ ...none, concurrency: [3.5] }, 3.5 * 5 * 60],
  // A search: nobody knows, unless the server says how much it does at once.
  [{ ...none, sweep: 'auto' as const, requests: 100 }, Number.POSITIVE_INFINITY],
  [{ ...none, sweep: 'auto' as const, maxConcurrency: [2] }, Number.POSITIVE_INFINITY],
])('%j needs %d rows', (settings, rows) =>
  expect(countRowsNeeded(settings, false, null)).toBe(rows),
);

it.each([
  [{ ...none, sweep: 'auto' as const }, 4 * 5 * 60],
  [{ ...none, sweep: 'auto' as const, sustained: 300, fitContext: true }, 4 * 5 * 300 * 2],
  // More callers than slots wait for each other.
  [{ ...none, maxConcurrency: [64] }, 4 * 5 * 60],
])('%j of a server with 4 slots needs %d rows', (settings, rows) =>
  expect(countRowsNeeded(settings, false, 4)).toBe(rows),
);

it('a quick look needs few', () => expect(countRowsNeeded(none, true, null)).toBe(512));
