import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PowerSample } from '../model/index.ts';
import { levelPower } from './power.ts';
import { levelOf, okRecord } from './records.fixture.ts';

const second = 1_000_000;

/** A level whose rate span is [from, to], seconds. */
const levelFrom = (fromS: number, toS: number) =>
  levelOf([okRecord(0, fromS * second, [])], {
    windowStartUs: Math.round(fromS * second),
    endUs: Math.round(toS * second),
  });

const wattsAt = (points: [atS: number, watts: number | null][]): PowerSample[] =>
  points.map(([atS, watts]) => ({
    atUs: atS * second,
    readings: [{ name: 'gpu-0', watts, energyJ: null }],
  }));

/** 0 W at 0 s, 10 W more each second, to 100 W at 10 s. */
const ramp = wattsAt(Array.from({ length: 11 }, (_, i) => [i, 10 * i]));

describe('levelPower', () => {
  it('integrates power by the trapezoid rule', () => {
    // A triangle of 10 s and 100 W: 500 J.
    expect(levelPower(levelFrom(0, 10), ramp)).toEqual({
      avgW: 50,
      energyJ: 500,
      domainsW: { 'gpu-0': 50 },
      samples: 11,
      reason: null,
    });
  });

  it('interpolates at the edges of the level', () => {
    // Of 10t from 2.5 to 7.5: 5 (7.5^2 - 2.5^2) = 250 J.
    const power = levelPower(levelFrom(2.5, 7.5), ramp);
    expect(power.energyJ).toBeCloseTo(250, 9);
    expect(power.avgW).toBeCloseTo(50, 9);
    expect(power.samples).toBe(5);
  });

  it('takes the difference of an energy counter, and adds the domains up', () => {
    const samples = [0, 4, 10].map((atS) => ({
      atUs: atS * second,
      readings: [
        { name: 'package-0', watts: null, energyJ: 30 * atS },
        // A counter says more than a moment's power.
        { name: 'package-1', watts: 1, energyJ: 12 * atS },
      ],
    }));
    // 42 W for the 6 s from 2 to 8.
    expect(levelPower(levelFrom(2, 8), samples)).toMatchObject({
      avgW: 42,
      energyJ: 252,
      domainsW: { 'package-0': 30, 'package-1': 12 },
    });
  });

  it.each([
    [
      'a domain that stopped answering',
      wattsAt([
        [0, 50],
        [1, 50],
        [2, null],
        [3, 50],
      ]),
      'no reading of gpu-0',
    ],
    [
      'no reading before the level',
      wattsAt([
        [0.5, 50],
        [1, 50],
        [2, 50],
        [3, 50],
      ]),
      'do not cover',
    ],
    [
      'none after it',
      wattsAt([
        [0, 50],
        [1, 50],
        [2, 50],
      ]),
      'do not cover',
    ],
    [
      'none for long',
      wattsAt([
        [0, 50],
        [2.5, 50],
        [3, 50],
      ]),
      'no reading of gpu-0',
    ],
    ['nothing at all', [], 'do not cover'],
    ['no domain', [0, 3].map((atS) => ({ atUs: atS * second, readings: [] })), 'no domain'],
  ])('is unknown, never less, with %s', (_, samples, reason) => {
    const power = levelPower(levelFrom(0, 3), samples);
    expect(power).toMatchObject({ avgW: null, energyJ: null });
    expect(power.reason).toContain(reason);
  });

  it('agrees with the counter that the same power would have driven', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 1900 }), fc.integer({ min: 0, max: 700 })), {
          minLength: 3,
          maxLength: 40,
        }),
        (steps) => {
          let atMs = 0;
          let joules = 0;
          let before = 100;
          const samples: PowerSample[] = [];
          const push = (watts: number) => {
            const readings = [
              { name: 'watts', watts, energyJ: null },
              { name: 'counter', watts: null, energyJ: joules },
            ];
            samples.push({ atUs: atMs * 1000, readings });
          };
          push(before);
          for (const [gapMs, watts] of steps) {
            atMs += gapMs;
            joules += ((before + watts) / 2) * (gapMs / 1000);
            before = watts;
            push(watts);
          }
          const { domainsW } = levelPower(levelFrom(0, atMs / 1000), samples);
          expect(domainsW['watts']).toBeCloseTo(domainsW['counter'] as number, 6);
        },
      ),
    );
  });
});
