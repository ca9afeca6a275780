/** A histogram of positive values in constant memory, for figures that are only looked at live. */
export interface LogHistogram {
  /** Adds a value `times` times; values below 0 count as 0, NaN is ignored. */
  add(value: number, times?: number): void;
  /** Adds everything that another histogram holds. */
  merge(other: LogHistogram): void;
  count(): number;
  /** Within 1 % of the nearest-rank quantile; undefined when empty. */
  quantile(p: number): number | undefined;
  /** Bucket index to count; for `merge`. */
  readonly buckets: ReadonlyMap<number, number>;
}

/** 64 linear steps in each power of two: a bucket is at most 1.6 % wide, its middle 0.8 % off. */
const steps = 64;
const zeroBucket = Number.NEGATIVE_INFINITY;

function bucketOf(value: number): number {
  if (!(value > 0)) return zeroBucket;
  if (value === Infinity) return Infinity;
  const exponent = Math.floor(Math.log2(value));
  return exponent * steps + Math.floor((value / 2 ** exponent - 1) * steps);
}

function middleOf(bucket: number): number {
  if (!Number.isFinite(bucket)) return bucket === Infinity ? Infinity : 0;
  const exponent = Math.floor(bucket / steps);
  return 2 ** exponent * (1 + (bucket - exponent * steps + 0.5) / steps);
}

export function createLogHistogram(): LogHistogram {
  const buckets = new Map<number, number>();
  let total = 0;
  /** Keys in order; null: a bucket was added since. */
  let ascending: number[] | null = null;
  const addTo = (bucket: number, times: number) => {
    const before = buckets.get(bucket);
    if (before === undefined) ascending = null;
    buckets.set(bucket, (before ?? 0) + times);
    total += times;
  };
  return {
    buckets,
    add(value, times = 1) {
      if (!Number.isNaN(value) && times > 0) addTo(bucketOf(value), times);
    },
    merge(other) {
      for (const [bucket, times] of [...other.buckets]) addTo(bucket, times);
    },
    count: () => total,
    quantile(p) {
      if (total === 0) return undefined;
      const rank = Math.max(1, Math.ceil(p * total));
      let seen = 0;
      ascending ??= [...buckets.keys()].sort((x, y) => (x < y ? -1 : 1));
      for (const bucket of ascending) {
        seen += buckets.get(bucket) as number;
        if (seen >= rank) return middleOf(bucket);
      }
      return undefined;
    },
  };
}
