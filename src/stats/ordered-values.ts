import type { Passes, VisitGroup } from './grouped-passes.ts';
import { createValueCounts, firstFrom, type SortedCounts, sortCounts } from './value-counts.ts';

/** Values in ascending order, equal ones as often as they came. */
export interface OrderedValues {
  readonly length: number;
  /** Makes `at` ready for these ranks, with another look at the values where it takes one. */
  find(ranks: readonly number[]): Passes<void>;
  /**
   * The value of a rank from 0; undefined outside.
   * @throws RangeError for a rank between the first and the last that was never asked of `find`.
   */
  at(rank: number): number | undefined;
  /** Ascending, with counts; values that were never looked at closely as the middle of a bucket. */
  forEachStep(visit: (value: number, times: number) => void): void;
}

/** The order of values that are held and sorted. */
export function orderSorted(sorted: Float64Array): OrderedValues {
  return {
    length: sorted.length,
    *find() {},
    at: (rank) => sorted[rank],
    forEachStep(visit) {
      for (let i = 0; i < sorted.length; ) {
        let end = i + 1;
        while (end < sorted.length && sorted[end] === sorted[i]) end++;
        visit(sorted[i] as number, end - i);
        i = end;
      }
    },
  };
}

/** Takes in values that nobody holds. */
export interface ValueCounter {
  /** Values are finite numbers. */
  add: VisitGroup;
  /** The order of what came so far. */
  order(): OrderedValues;
}

/** Two tables of 2 x 8 bytes a place, at most 64 MB. Stamps in whole microseconds need far fewer. */
const manyDistinct = 2 ** 20;

/**
 * Exact order statistics in bounded memory. Stamps are whole microseconds, so even hundreds of
 * millions of gaps have few distinct values, and counting those is exact. Past `mostDistinct` the
 * values are counted in 1024 buckets to the power of two instead, and the distinct ones only of the
 * buckets that hold a rank asked for, in one more look at the values.
 */
export function createValueCounter(mostDistinct = manyDistinct): ValueCounter {
  let exact: ReturnType<typeof createValueCounts> | null = createValueCounts();
  let buckets: Float64Array | null = null;
  let count = 0;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  const pour = (): Float64Array => {
    const coarse = new Float64Array(bucketCount);
    exact?.forEach((value, times) => {
      const bucket = bucketOf(value);
      coarse[bucket] = (coarse[bucket] as number) + times;
    });
    exact = null;
    return coarse;
  };
  return {
    add(_group, values, weights, from, to) {
      let least = low;
      let most = high;
      for (let i = from; i < to; i++) {
        const value = values[i] as number;
        const times = weights === null ? 1 : (weights[i] as number);
        count += times;
        if (value < least) least = value;
        if (value > most) most = value;
        if (exact !== null) exact.add(value, times);
        else if (buckets !== null) {
          const bucket = bucketOf(value);
          buckets[bucket] = (buckets[bucket] as number) + times;
        }
      }
      low = least;
      high = most;
      if (exact !== null && exact.distinct > mostDistinct) buckets = pour();
    },
    order() {
      if (exact !== null) return orderCounts(sortCounts(exact), count);
      return orderBuckets(buckets as Float64Array, { count, low, high });
    },
  };
}

function orderCounts({ values, upTo }: SortedCounts, length: number): OrderedValues {
  return {
    length,
    *find() {},
    at: (rank) => values[firstFrom(upTo, rank + 1)],
    forEachStep(visit) {
      for (let i = 0; i < values.length; i++) {
        visit(values[i] as number, (upTo[i] as number) - (i === 0 ? 0 : (upTo[i - 1] as number)));
      }
    },
  };
}

function orderBuckets(
  buckets: Float64Array,
  { count, low, high }: { count: number; low: number; high: number },
): OrderedValues {
  const upTo = buckets;
  for (let i = 1; i < upTo.length; i++) upTo[i] = (upTo[i] as number) + (upTo[i - 1] as number);
  const belowOf = (bucket: number) => (bucket === 0 ? 0 : (upTo[bucket - 1] as number));
  const holding = (rank: number) => firstFrom(upTo, rank + 1);
  const isEdge = (rank: number) => rank <= 0 || rank >= count - 1;
  const known = new Map<number, SortedCounts>();
  return {
    length: count,
    *find(ranks) {
      const wanted = new Map<number, ReturnType<typeof createValueCounts>>();
      for (const rank of ranks) {
        const bucket = holding(rank);
        if (!isEdge(rank) && !known.has(bucket)) wanted.set(bucket, createValueCounts());
      }
      if (wanted.size === 0) return;
      const isWanted = new Uint8Array(bucketCount);
      for (const bucket of wanted.keys()) isWanted[bucket] = 1;
      yield (_group, values, weights, from, to) => {
        for (let i = from; i < to; i++) {
          const value = values[i] as number;
          const bucket = bucketOf(value);
          if (isWanted[bucket] === 1) {
            wanted.get(bucket)?.add(value, weights === null ? 1 : (weights[i] as number));
          }
        }
      };
      for (const [bucket, counts] of wanted) known.set(bucket, sortCounts(counts, belowOf(bucket)));
    },
    at(rank) {
      if (rank < 0 || rank >= count) return undefined;
      if (isEdge(rank)) return rank <= 0 ? low : high;
      const found = known.get(holding(rank));
      if (found === undefined) throw new RangeError(`nobody looked for rank ${rank}`);
      return found.values[firstFrom(found.upTo, rank + 1)];
    },
    forEachStep(visit) {
      for (let bucket = 0; bucket < bucketCount; bucket++) {
        const times = (upTo[bucket] as number) - belowOf(bucket);
        if (times > 0) visit(Math.min(high, Math.max(low, middleOf(bucket))), times);
      }
    },
  };
}

/** The first 22 bits of a number: sign, power of two and 1024 steps, in an order that keeps its. */
const bucketCount = 2 ** 22;
const bits = new Float64Array(1);
const words = new Uint32Array(bits.buffer);
const upper = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;

function bucketOf(value: number): number {
  bits[0] = value + 0;
  const word = words[upper] as number;
  return (value < 0 ? ~word : word | 0x80000000) >>> 10;
}

function middleOf(bucket: number): number {
  const word = ((bucket << 10) | 0x200) >>> 0;
  words[upper] = word >= 0x80000000 ? word & 0x7fffffff : ~word;
  words[1 - upper] = 0;
  return bits[0] as number;
}
