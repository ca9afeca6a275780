import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { phaseBins } from './phase-bins.ts';
import { makeLevelRun, makeRecord } from './test-support.ts';
import { ttftOverTime } from './time-bands.ts';

const span = fc.tuple(
  fc.integer({ min: 0, max: 900_000 }),
  fc.integer({ min: 0, max: 90_000 }),
  fc.integer({ min: 0, max: 90_000 }),
  fc.integer({ min: 0, max: 400_000 }),
);

describe('phaseBins', () => {
  it('gives back the whole time of every phase, whatever the bins', () => {
    fc.assert(
      fc.property(
        fc.array(span, { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 90 }),
        (spans, bins) => {
          const records = spans.map(([at, wait, prefill, decode], index) =>
            makeRecord({
              ...{ index, intendedUs: at, sentUs: at + wait },
              ...{ firstTokenUs: at + wait + prefill, lastTokenUs: at + wait + prefill + decode },
              endUs: at + wait + prefill + decode,
            }),
          );
          const run = { ...makeLevelRun(), records, startUs: 0, windowStartUs: 0, endUs: 1 };
          const out = phaseBins(run, bins);
          const total = (values: Float64Array) =>
            values.reduce((sum, value) => sum + value, 0) * out.binUs;
          const asked = (i: number) => spans.reduce((sum, one) => sum + (one[i] as number), 0);
          expect(total(out.wait)).toBeCloseTo(asked(1), 3);
          expect(total(out.prefill)).toBeCloseTo(asked(2), 3);
          expect(total(out.decode)).toBeCloseTo(asked(3), 3);
          for (const values of [out.wait, out.prefill, out.decode]) {
            for (const value of values) expect(value).toBeGreaterThanOrEqual(-1e-9);
          }
        },
      ),
    );
  });

  it('counts what is in flight at a time', () => {
    const record = (at: number) =>
      makeRecord({
        ...{ intendedUs: at, sentUs: at, firstTokenUs: at, lastTokenUs: at + 20, endUs: at + 20 },
      });
    const records = [record(0), record(10)];
    const run = { ...makeLevelRun(), records, startUs: 0, windowStartUs: 0, endUs: 40 };
    expect([...phaseBins(run, 4).decode]).toEqual([1, 2, 1, 0]);
  });
});

describe('ttftOverTime', () => {
  it('shows each request where they are few', () => {
    const out = ttftOverTime(makeLevelRun({ requests: 42, failEvery: 10 }));
    expect(out.kind).toBe('requests');
    // 40 counted, of which every tenth failed.
    if (out.kind === 'requests') expect(out.points).toHaveLength(36);
  });

  it('shows stretches of equally many requests where they are many', () => {
    const run = makeLevelRun({ requests: 6002 });
    const out = ttftOverTime(run, 60);
    expect(out.kind).toBe('bands');
    if (out.kind !== 'bands') return;
    expect(out.bands.map(({ count }) => count)).toEqual(Array(60).fill(100));
    const ttfts = run.records
      .filter(({ counted }) => counted)
      .map((record) => ((record.firstTokenUs as number) - record.intendedUs) / 1000);
    const [first] = out.bands;
    const sorted = ttfts.slice(0, 100).sort((a, b) => a - b);
    expect(first).toMatchObject({ p50: sorted[49], p90: sorted[89], max: sorted[99] });
  });
});
