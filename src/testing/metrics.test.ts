import { describe, expect, it } from 'vitest';
import {
  keysOf,
  type MetricDefinition,
  metricDefinitions,
  summarizeLevel,
} from '../metrics/index.ts';
import { sloTemplates } from '../model/index.ts';
import { runCases } from './case.ts';
import { metricCases } from './metric-cases.ts';
import { edgeLevels } from './sample-levels.ts';

describe.each(metricDefinitions)('metric $id', (definition) => {
  it.each(metricCases)('$name', ({ run }) => run(definition));
});

it('no two metrics share a key', () => {
  const keys = metricDefinitions.flatMap(keysOf);
  expect(keys.length).toBe(new Set(keys).size);
});

describe.each(edgeLevels)('a level where $name', ({ run }) => {
  it('has every key, each a number, missing or infinite', () => {
    const slo = sloTemplates[0] ?? null;
    const summary = summarizeLevel(run, { slo, seed: 1, resamples: 100 });
    expect(Object.keys(summary.values)).toEqual(metricDefinitions.flatMap(keysOf));
    const odd = Object.entries(summary.values).filter(
      ([key, value]) =>
        !(value === null || Number.isFinite(value) || (value === 'inf' && key.includes('_adj_'))),
    );
    expect(odd).toEqual([]);
    expect(summarizeLevel(run, { slo, seed: 1, resamples: 100 })).toEqual(summary);
  });
});

it('the suite notices a metric that divides by nothing, and a key without unit', async () => {
  const broken: MetricDefinition = {
    kind: 'scalar',
    id: 'mean_wait',
    title: 'Mean wait',
    unit: 'ms',
    better: 'lower',
    description: 'What a careless author would write.',
    formula: 'sum / n',
    source: 'Nowhere.',
    compute: ({ records, ok }) =>
      ok.reduce((sum, at) => sum + (records[at]?.connectUs ?? 0), 0) / ok.length / 1000,
  };
  const failed = (await runCases(metricCases, broken)).filter(({ status }) => status === 'failed');
  expect(failed.map(({ name }) => name)).toEqual([
    'has its unit in every key',
    'measures nothing where nothing was',
    'is a number or missing: no request',
    'is a number or missing: every request failed',
    'is a number or missing: every request was cancelled',
    'is a number or missing: only the tail is there',
  ]);
});
