import assert from 'node:assert/strict';
import { createRng } from '../core/index.ts';
import { formatArrival, type LevelPlan } from '../model/index.ts';
import { type arrivalShapes, datasets, planOpenLevel } from '../workload/index.ts';
import type { Case } from './case.ts';

export type ArrivalShape = ReturnType<typeof arrivalShapes.get>;

/** A registered arrival shape, and how a user writes one of its kind: `gamma:0.5`. */
export interface ArrivalSubject {
  shape: ArrivalShape;
  text: string;
}

/** What every shape of arrivals has to keep. */
export const arrivalCases: readonly Case<ArrivalSubject>[] = [
  {
    name: 'is written as it is read',
    run({ shape, text }) {
      assert.equal(formatArrival(specOf({ shape, text })), text);
      assert.ok(text === shape.id || text.startsWith(`${shape.id}:`), `${text} is ${shape.id}`);
      assert.ok(shape.usage.startsWith(shape.id), `usage "${shape.usage}" starts with the id`);
    },
  },
  {
    name: 'refuses an argument that is not its own',
    run({ shape }) {
      for (const argument of ['', ' ', 'NaN', '-1', '1:2', 'Infinity', '1e400']) {
        assert.equal(shape.parse(argument), null, `${shape.id}:${argument} is refused`);
      }
    },
  },
  {
    name: 'has gaps of mean 1',
    run(subject) {
      const gaps = drawGaps(subject, 1, 40_000);
      const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
      const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
      // Five standard errors, and half a gap for a first one that is not whole.
      const allowed = (5 * Math.sqrt(variance) + 0.5) / Math.sqrt(gaps.length);
      assert.ok(Math.abs(mean - 1) <= allowed, `mean ${mean} is within ${allowed} of 1`);
    },
  },
  {
    name: 'has no negative and no endless gap, and time goes on',
    run(subject) {
      for (const seed of [0, 1, 2 ** 32 - 1]) {
        const gaps = drawGaps(subject, seed, 5000);
        assert.ok(
          gaps.every((gap) => Number.isFinite(gap) && gap >= 0),
          `seed ${seed}`,
        );
        assert.ok(
          gaps.some((gap) => gap > 0),
          `seed ${seed}: some gap is above 0`,
        );
      }
    },
  },
  {
    name: 'draws the same gaps from the same seed, beside others too',
    run(subject) {
      const alone = drawGaps(subject, 7, 200);
      assert.deepEqual(drawGaps(subject, 7, 200), alone);
      const spec = specOf(subject);
      const one = subject.shape.createGaps(spec, createRng(7, 'arrivals'));
      const other = subject.shape.createGaps(spec, createRng(8, 'arrivals'));
      const interleaved = alone.map(() => {
        other();
        return one();
      });
      assert.deepEqual(interleaved, alone);
    },
  },
  {
    name: 'is only stretched by the rate',
    async run(subject) {
      const slow = await planAt(subject, 0.5);
      const fast = await planAt(subject, 8);
      for (let i = 0; i < 300; i++) {
        // Both are rounded to a microsecond; the factor carries the rounding of the fast one.
        const off = Math.abs(intendedUs(slow, i) - 16 * intendedUs(fast, i));
        assert.ok(off <= 0.5 + 16 * 0.5, `send ${i} is off by ${off} us`);
      }
    },
  },
  {
    name: 'goes on past the counted requests, forwards only',
    async run(subject) {
      const plan = await planAt(subject, 2);
      let before = -1;
      for (let i = 0; i < plan.countedRequests + 3000; i++) {
        const at = intendedUs(plan, i);
        assert.ok(Number.isSafeInteger(at) && at >= before, `send ${i} at ${at} after ${before}`);
        before = at;
      }
      // At 2 a second 3000 more take about 1500 s; a tail that comes to a halt does not.
      assert.ok(before > 60e6, `the tail ends at ${before} us`);
    },
  },
];

function specOf({ shape, text }: ArrivalSubject) {
  const colon = text.indexOf(':');
  const spec = shape.parse(colon < 0 ? null : text.slice(colon + 1));
  assert.ok(spec !== null, `${text} is read`);
  return spec;
}

function drawGaps(subject: ArrivalSubject, seed: number, count: number): number[] {
  const next = subject.shape.createGaps(specOf(subject), createRng(seed, 'arrivals'));
  return Array.from({ length: count }, next);
}

async function planAt(subject: ArrivalSubject, rateRps: number): Promise<LevelPlan> {
  return planOpenLevel({
    load: {
      kind: 'open',
      rateRps,
      concurrencyAsked: null,
      maxConcurrency: null,
      arrival: subject.text,
    },
    arrival: specOf(subject),
    rateRps,
    requests: 20,
    durationS: null,
    inputTokens: { shape: 'normal', mean: 8, std: 0 },
    outputTokens: { shape: 'normal', mean: 4, std: 0 },
    dataset: await datasets.get('random').load({ counter: null, path: null }),
    seed: 3,
    salt: 'arrivals',
  });
}

function intendedUs(plan: LevelPlan, index: number): number {
  const at = plan.at(index).intendedUs;
  assert.ok(at !== null, `request ${index} has a time`);
  return at;
}
