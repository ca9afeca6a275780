import { describe, expect, it } from 'vitest';
import { loadKey, type StoredRun } from './stored-levels.ts';
import { unfitSides } from './unfit-levels.ts';

const load = { kind: 'open', rateRps: 2, concurrencyAsked: null, maxConcurrency: null };

function run(level: object = {}, envelope: object = {}): StoredRun {
  return {
    levels: [{ load, valid: true, status: 'complete', findings: [], ...level }],
    envelope: { status: 'complete', exitCode: 0, ...envelope },
  } as unknown as StoredRun;
}
const whole = run();
const [at] = whole.levels;
const key = at === undefined ? '' : loadKey(at);

describe('unfitSides', () => {
  const interrupted = run({}, { status: 'partial', exitCode: 130 });
  it('names an interrupted run, also where both sides are', () => {
    const one = { field: 'run', a: 'complete', b: 'partial (exit 130)', allowed: false };
    expect(unfitSides([whole], [interrupted], key, false)).toEqual([one]);
    expect(unfitSides([interrupted], [interrupted], key, true)).toEqual([
      { ...one, a: 'partial (exit 130)', allowed: true },
    ]);
  });

  it('names a level that was cut short or is not valid, at the load compared', () => {
    const findings = [{ code: 'client-bottleneck', severity: 'invalid' }];
    const bad = run({ valid: false, findings });
    const cut = run({ status: 'partial' });
    expect(unfitSides([bad, whole], [cut], key, false)).toEqual([
      { field: 'level', a: 'whole', b: 'cut short', allowed: false },
      { field: 'validity', a: 'invalid (client-bottleneck)', b: 'valid', allowed: false },
    ]);
    expect(unfitSides([whole], [whole], key, false)).toEqual([]);
    expect(unfitSides([bad], [cut], 'another load', false)).toEqual([]);
  });
});
