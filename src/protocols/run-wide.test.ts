import { expect, it } from 'vitest';
import { headlineMetrics, runWideDefinitions } from './index.ts';

const empty = { values: {}, intervals: {}, flags: {}, chunkSizes: {}, outcomes: {} };

it('every run-wide key is explained, and every explained key is in the result', () => {
  const keys = runWideDefinitions.map(({ id }) => id);
  expect(new Set(keys).size).toBe(keys.length);
  expect(Object.keys(headlineMetrics([], null, null, empty).values)).toEqual(keys);
  for (const { description, formula, source } of runWideDefinitions) {
    expect(description).toMatch(/^.{20,}\.$/s);
    for (const text of [formula, source]) expect(text).toMatch(/\S/);
  }
});
