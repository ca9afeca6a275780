import type { EngineReading, TimeBucket, TimeTotal } from '../../model/index.ts';
import type { ExpositionSample } from '../prometheus/parse-exposition.ts';
import { metricFamilies } from './families/index.ts';
import type { MetricFamily, NumberKey, NumberNames } from './family.ts';

const numberKeys: readonly NumberKey[] = [
  'running',
  'waiting',
  'kvUse',
  'preemptions',
  'prefixHitTokens',
  'prefixQueryTokens',
  'promptTokens',
  'generationTokens',
  'draftTokens',
  'acceptedTokens',
  'acceptedShare',
];

/** Shares do not add up over engines: the fullest KV cache is the one that hurts. */
const shares: readonly NumberKey[] = ['kvUse', 'acceptedShare'];

/** The engine that a page is of: the family with the most samples on it; null for none. */
export function familyOf(samples: readonly ExpositionSample[]): MetricFamily | null {
  let best: MetricFamily | null = null;
  let most = 0;
  for (const family of metricFamilies) {
    const count = samples.filter(({ name }) => name.startsWith(family.prefix)).length;
    if (count > most) [best, most] = [family, count];
  }
  return best;
}

/**
 * The common vocabulary out of the pages of all replicas: numbers of the same name add up over
 * series and pages, of shares the largest counts. A name that is not there leaves null; so does a
 * value that is not a number, or that cannot be.
 */
export function readReading(
  family: MetricFamily,
  samples: readonly ExpositionSample[],
): EngineReading {
  const values = new Map<string, number[]>();
  const bounds = new Map<string, Map<number, number[]>>();
  for (const { name, labels, value } of samples) {
    if (family.repeats?.(labels) === true) continue;
    const upToS = boundOf(labels.get('le'));
    if (upToS !== null) {
      const ofName = bounds.get(name) ?? new Map<number, number[]>();
      bounds.set(name, ofName.set(upToS, [...(ofName.get(upToS) ?? []), value]));
    }
    const list = values.get(name);
    if (list === undefined) values.set(name, [value]);
    else list.push(value);
  }
  const sum = (name: string): number | null => {
    const list = values.get(name);
    return list === undefined ? null : finite(list.reduce((a, b) => a + b, 0));
  };
  const max = (name: string): number | null => {
    const list = values.get(name);
    return list === undefined ? null : finite(Math.max(...list));
  };
  const number = (key: NumberKey): number | null => {
    const share = shares.includes(key);
    const value = possible(firstOf(family.numbers[key] ?? [], share ? max : sum), share);
    const witness = family.fromFirstEvent?.[key];
    return value ?? (witness !== undefined && values.has(witness) ? 0 : null);
  };
  const time = (names: readonly string[] = []): TimeTotal | null => {
    for (const name of names) {
      const sumS = sum(`${name}_sum`);
      const count = sum(`${name}_count`);
      if (sumS === null || count === null) continue;
      const buckets = bucketsOf(bounds.get(`${name}_bucket`), count);
      return { sumS, count, ...(buckets && { buckets }) };
    }
    return null;
  };
  const { queue, prefill, decode, ttft, e2e, tpot } = family.times;
  return {
    ...(Object.fromEntries(numberKeys.map((key) => [key, number(key)])) as Record<
      NumberKey,
      number | null
    >),
    queue: time(queue),
    prefill: time(prefill),
    decode: time(decode),
    ttft: time(ttft),
    e2e: time(e2e),
    ...(tpot && { tpot: time(tpot) }),
  };
}

/** None of them can be negative, and no share above 1: such a figure is none. */
function possible(value: number | null, share: boolean): number | null {
  return value === null || value < 0 || (share && value > 1) ? null : value;
}

function boundOf(le: string | undefined): number | null {
  if (le === undefined) return null;
  return /^\+?inf/i.test(le) ? Number.POSITIVE_INFINITY : finite(Number(le));
}

/**
 * Added up over series. Null where they do not all have the same bounds, or the last is not the
 * count: then they are not what they seem.
 */
function bucketsOf(
  bounds: ReadonlyMap<number, readonly number[]> | undefined,
  count: number,
): TimeBucket[] | null {
  const whole = bounds?.get(Number.POSITIVE_INFINITY);
  if (bounds === undefined || whole === undefined) return null;
  const buckets: TimeBucket[] = [];
  for (const [upToS, values] of [...bounds].sort(([a], [b]) => a - b)) {
    if (values.length !== whole.length) return null;
    buckets.push({ upToS, count: values.reduce((a, b) => a + b, 0) });
  }
  // Without the unbounded one; of that alone nothing can be told.
  return buckets.pop()?.count === count && buckets.length > 0 ? buckets : null;
}

/** Entries of the vocabulary that a reading leaves null. */
export function unavailableIn(reading: EngineReading): string[] {
  return Object.entries(reading).flatMap(([key, value]) => (value === null ? [key] : []));
}

function firstOf(names: NumberNames, of: (name: string) => number | null): number | null {
  for (const entry of names) {
    const parts = (typeof entry === 'string' ? [entry] : entry).map(of);
    if (parts.every((part) => part !== null)) return parts.reduce((a, b) => a + b, 0);
  }
  return null;
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
