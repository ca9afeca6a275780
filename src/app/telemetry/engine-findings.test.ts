import { expect, it } from 'vitest';
import type { LevelSummary } from '../../model/index.ts';
import { engineFindings } from './engine-findings.ts';

/** A level that the engine spoke at: `waiting` requests in its queue. */
const level = (index: number, rateRps: number, waiting: number, over: Partial<LevelSummary> = {}) =>
  ({
    ...{ index, load: { kind: 'open', rateRps }, valid: true, findings: [] },
    metrics: { values: { requests_ok: 100 } },
    keepingUp: { verdict: waiting > 0 ? 'falls-behind' : 'keeps-up' },
    engine: {
      ...{ samples: 9, spanS: 8, running: { mean: 4, max: 4 }, kvUse: { mean: 0.2, max: 0.3 } },
      ...{ waiting: { mean: waiting, max: waiting }, preemptions: 0, ttft: null, e2e: null },
    },
    ...over,
  }) as unknown as LevelSummary;

const causes = (levels: LevelSummary[]) =>
  engineFindings(levels, []).map(({ code, level: at }) => [code, at]);

it('explains the first rate that fails, in order of rate', () => {
  const levels = [level(0, 8, 50), level(1, 2, 0), level(2, 4, 9), level(3, 3, 0)];
  expect(causes(levels)).toEqual([['knee-cause', 2]]);
  expect(engineFindings(levels, [])[0]?.message).toContain(
    'full batch while the KV cache has room',
  );
});

it('has nothing to explain without a failing rate, or where the level itself is in doubt', () => {
  expect(causes([level(0, 2, 0), level(1, 4, 0)])).toEqual([]);
  const doubt = { valid: false, keepingUp: { verdict: 'unknown' } } as Partial<LevelSummary>;
  expect(causes([level(0, 2, 0), level(1, 4, 9, doubt)])).toEqual([]);
  // The same rate by another start of the engine is not the level that failed first.
  const again = level(2, 4, 9, { launch: 2 });
  expect(causes([level(0, 2, 0), again, level(1, 4, 9)])).toEqual([['knee-cause', 1]]);
});
