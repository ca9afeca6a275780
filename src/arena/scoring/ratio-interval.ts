import { createRng } from '../../core/index.ts';
import type { MeasuredLaunch, RequestFigures } from '../../model/index.ts';
import { quantile, sortedCopy } from '../../stats/index.ts';

/** Fewer requests on a side say too little about their median. */
const leastRequests = 6;
const resamples = 2000;

/**
 * 95 % interval of reference against candidate, the ratio of their medians: percentile bootstrap
 * (Efron 1979) over requests, both sides drawn apart. It holds what requests differ by, not what
 * launches do. Seeded: the same values give the same interval.
 *
 * @returns null where a side has under 6 requests, or its requests were not kept
 */
export function ratioInterval(
  candidate: readonly MeasuredLaunch[],
  reference: readonly MeasuredLaunch[],
  profile: string,
  term: keyof RequestFigures,
): { low: number; high: number } | null {
  const [own, base] = [candidate, reference].map((side) => requestsOf(side, profile, term));
  if (!own || !base || Math.min(own.length, base.length) < leastRequests) return null;
  const rng = createRng(0, `ratio/${profile}/${term}`);
  const drawMedian = (values: readonly number[]) =>
    medianOf(Array.from(values, () => values[rng.int(values.length)] as number));
  const ratios: number[] = [];
  for (let at = 0; at < resamples; at++) ratios.push(drawMedian(base) / drawMedian(own));
  const sorted = sortedCopy(ratios);
  return { low: quantile(sorted, 0.025) as number, high: quantile(sorted, 0.975) as number };
}

const medianOf = (values: readonly number[]) => quantile(sortedCopy(values), 0.5) as number;

/** Of all launches together; null where one has not kept them. */
function requestsOf(
  launches: readonly MeasuredLaunch[],
  profile: string,
  term: keyof RequestFigures,
): number[] | null {
  const all: number[] = [];
  for (const { profiles } of launches) {
    const values = profiles.find((one) => one.profile === profile)?.perRequest?.[term];
    if (values === undefined) return null;
    all.push(...values.filter((value) => value > 0));
  }
  return all;
}
