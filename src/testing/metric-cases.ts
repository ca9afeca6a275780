import assert from 'node:assert/strict';
import { factsOf, keysOf, type MetricDefinition } from '../metrics/index.ts';
import { sloTemplates } from '../model/index.ts';
import type { GroupedSeries } from '../stats/index.ts';
import type { Case } from './case.ts';
import { deepFreeze } from './deep-freeze.ts';
import { createSampleLevel, edgeLevels } from './sample-levels.ts';

type LevelFacts = ReturnType<typeof factsOf>;
type Distribution = Extract<MetricDefinition, { kind: 'distribution' }>;

/** How the last words of a key tell each unit. */
const unitInKey: Readonly<Record<string, RegExp>> = {
  ms: /_ms$/,
  'tok/s': /_tok_s$/,
  'req/s': /_(rps|req_s|per_s)$/,
  share: /_(share|attainment|ratio)$/,
  tokens: /(^|_)tokens?_/,
  requests: /^requests_/,
  'requests in flight': /^concurrency_/,
};

/** What every metric definition has to keep. */
export const metricCases: readonly Case<MetricDefinition>[] = [
  {
    name: 'says what it is, in which unit, and where that comes from',
    run({ id, title, unit, better, description, formula, source }) {
      assert.match(id, /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/);
      assert.match(title, /^[A-Z0-9]/);
      assert.match(unit, /\S/);
      assert.ok(better === null || better === 'lower' || better === 'higher');
      assert.match(description, /^.{20,}\.$/s, 'the description is a sentence');
      assert.match(formula, /\S/);
      assert.match(source, /\S/);
    },
  },
  {
    name: 'has its unit in every key',
    run(definition) {
      const pattern = unitInKey[definition.unit] ?? defaultUnit(definition.unit);
      const keys = keysOf(definition);
      assert.ok(keys.length > 0, 'it has keys');
      assert.equal(new Set(keys).size, keys.length, 'each key once');
      for (const key of keys) {
        assert.ok(key.startsWith(definition.id), `${key} starts with ${definition.id}`);
        // A ratio of two values has no unit.
        if (!key.endsWith('_tail_ratio')) assert.match(key, pattern);
      }
    },
  },
  {
    name: 'measures nothing where nothing was',
    run(definition) {
      const { run } = edgeLevels[0] ?? assert.fail('the empty level');
      const facts = factsOf(run, sloTemplates[0] ?? null, true);
      if (definition.kind === 'distribution') {
        for (const { values } of seriesOf(definition, facts)) assert.equal(values.length, 0);
        return;
      }
      const isCount = definition.unit === 'requests' || definition.id.endsWith('_total');
      const value = definition.compute(facts);
      assert.ok(value === null || (isCount && value === 0), `${value} is missing`);
    },
  },
  ...edgeLevels.map(
    ({ name, run }): Case<MetricDefinition> => ({
      name: `is a number or missing: ${name}`,
      run(definition) {
        for (const slo of [null, ...sloTemplates]) {
          for (const lengthEnforced of [true, false]) {
            checkValues(definition, factsOf(run, slo, lengthEnforced));
          }
        }
      },
    }),
  ),
  {
    name: 'gives the same numbers again and leaves the records as they are',
    run(definition) {
      const level = createSampleLevel({ outcome: (i) => (i % 5 === 4 ? 'timeout' : 'ok') });
      const valuesOf = () => {
        const facts = factsOf(deepFreeze(structuredClone(level)), sloTemplates[0] ?? null, true);
        return definition.kind === 'scalar'
          ? definition.compute(facts)
          : seriesOf(definition, facts);
      };
      assert.deepEqual(valuesOf(), valuesOf());
    },
  },
];

function defaultUnit(unit: string): RegExp {
  return new RegExp(`_${unit.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_')}$`);
}

function checkValues(definition: MetricDefinition, facts: LevelFacts): void {
  if (definition.kind === 'scalar') {
    const value = definition.compute(facts);
    assert.ok(value === null || Number.isFinite(value), `${value} is a number or null`);
    return;
  }
  const [measured, adjusted] = seriesOf(definition, facts);
  assert.ok(measured?.values.every(Number.isFinite), 'every value is a number');
  // A request that failed has taken for ever.
  assert.ok(adjusted?.values.every((v) => Number.isFinite(v) || v === Infinity) ?? true);
  for (const { values, offsets: column } of seriesOf(definition, facts)) {
    const offsets = Array.from(column);
    assert.equal(offsets[0], 0);
    assert.equal(offsets.at(-1), values.length, 'the groups hold every value');
    assert.ok(offsets.every((offset, i) => i === 0 || offset >= (offsets[i - 1] ?? 0)));
    assert.ok(offsets.length - 1 <= facts.counted.length, 'at most one group a request');
  }
}

/** What a distribution is of, then the adjusted one where it has that. */
function seriesOf(metric: Distribution, facts: LevelFacts): GroupedSeries[] {
  if (metric.of === 'requests') {
    const adjusted = metric.collectAdjusted?.(facts);
    return [metric.collect(facts), ...(adjusted === undefined ? [] : [adjusted])];
  }
  const room = { values: new Float64Array(0), weights: new Float64Array(0), rows: 0, single: true };
  const all: number[] = [];
  const offsets = [0];
  for (const at of facts.ok) {
    metric.fill(facts.records[at]?.chunks ?? assert.fail('a record at each position'), room);
    for (let i = 0; i < room.rows; i++) {
      const times = room.single ? 1 : (room.weights[i] ?? assert.fail('a weight for each value'));
      assert.ok(Number.isInteger(times) && times > 0, 'each value counts a whole number of times');
      all.push(...Array<number>(times).fill(room.values[i] ?? Number.NaN));
    }
    offsets.push(all.length);
  }
  return [{ values: Float64Array.from(all), offsets }];
}
