import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeLimits } from './limits.tsx';
import {
  createLinearAxis,
  createLogAxis,
  createSpanAxis,
  spacedTicks,
  spreadLabels,
} from './scales.ts';

const range: [number, number] = [50, 450];
const positive = fc.array(fc.double({ min: 1e-3, max: 1e6, noNaN: true }), {
  minLength: 1,
  maxLength: 40,
});

describe.each([
  ['log', (values: readonly number[]) => createLogAxis(values, range)],
  ['linear', (values: readonly number[]) => createLinearAxis(values, range)],
  [
    'span',
    (values: readonly number[]) => createSpanAxis(Math.min(...values), Math.max(...values), range),
  ],
] as const)('a %s axis', (_name, create) => {
  it('keeps values inside, in their order, and its ticks too', () => {
    fc.assert(
      fc.property(positive, (values) => {
        const axis = create(values);
        const sorted = [...values].sort((a, b) => a - b);
        const places = sorted.map((value) => axis(value));
        places.forEach((place, i) => {
          expect(place).toBeGreaterThanOrEqual(range[0] - 1e-6);
          expect(place).toBeLessThanOrEqual(range[1] + 1e-6);
          if (i > 0) expect(place).toBeGreaterThanOrEqual(places[i - 1] as number);
        });
        expect(axis.ticks.length).toBeGreaterThan(0);
        for (const tick of axis.ticks) {
          expect(tick).toBeGreaterThanOrEqual(axis.low);
          expect(tick).toBeLessThanOrEqual(axis.high * (1 + 1e-9));
        }
      }),
    );
  });
});

it('a log axis is at least a factor of 3 wide and leaves room for its labels', () => {
  fc.assert(
    fc.property(positive, (values) => {
      const axis = createLogAxis(values, range);
      expect(axis.high / axis.low).toBeGreaterThanOrEqual(3 - 1e-9);
      expect(axis.ticks.length).toBeLessThanOrEqual(10);
    }),
  );
});

it('axes take more values than a call has room for arguments', () => {
  const many = Array.from({ length: 300_000 }, (_, i) => i + 1);
  expect(createLogAxis(many, range).high).toBe(375_000);
  expect(createLinearAxis(many, range)(300_000)).toBeLessThan(450);
});

it('axes without values still draw', () => {
  expect(createLogAxis([], range).ticks.length).toBeGreaterThan(1);
  expect(createLinearAxis([], range).ticks.length).toBeGreaterThan(1);
  expect(createSpanAxis(3, 3, range).ticks.length).toBeGreaterThan(1);
});

it('spaced ticks keep their distance and always have the last', () => {
  fc.assert(
    fc.property(positive, (values) => {
      const axis = createLinearAxis(values, range);
      const ticks = spacedTicks(axis, values, 30);
      expect(ticks.at(-1)).toBe(Math.max(...values));
      ticks.forEach((tick, i) => {
        if (i > 0) expect(axis(tick) - axis(ticks[i - 1] as number)).toBeGreaterThanOrEqual(30);
      });
    }),
  );
});

it('labels are moved apart, in their order, by as little as it takes in the middle', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 300, noNaN: true }), { maxLength: 5 }), (ys) => {
      const out = spreadLabels(ys, 14);
      const order = ys.map((y, i) => ({ y, i })).sort((a, b) => a.y - b.y);
      order.forEach(({ i }, k) => {
        if (k === 0) return;
        const above = out[(order[k - 1] as { i: number }).i] as number;
        expect((out[i] as number) - above).toBeGreaterThanOrEqual(14 - 0.5);
      });
      const mean = (list: readonly number[]) => list.reduce((a, b) => a + b, 0) / list.length;
      if (ys.length > 0) expect(mean(out)).toBeCloseTo(mean(ys), 6);
    }),
  );
});

it('limits at one value share a line and its label', () => {
  expect(
    mergeLimits([
      { value: 300, label: 'b' },
      { value: 100, label: 'a' },
      { value: 300, label: 'c' },
    ]),
  ).toEqual([
    { value: 100, label: 'a' },
    { value: 300, label: 'b, c' },
  ]);
});
