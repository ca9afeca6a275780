import type { ReferenceSubset, ScenarioSize, SpeedTerm } from '../../model/index.ts';
import {
  mean,
  orderStatisticInterval,
  pairedEffect,
  sortedCopy,
  tInterval,
} from '../../stats/index.ts';
import { median } from '../checks/numbers.ts';
import type { Answer, AskedServer, Traffic } from './ports.ts';
import { type TimedProfile, trafficOf } from './timed-traffic.ts';

/** One profile as the reference answered it, wholly or in part. */
export interface ReferenceTimed {
  traffic: Traffic;
  answers: Answer[];
  /** Places of what was asked in the whole profile; null = all of it. */
  places: readonly number[] | null;
  subset: ReferenceSubset | null;
}

/** How much of a profile is asked, and what for. */
export interface SubsetRule {
  reference: ScenarioSize['reference'];
  /** What the scenario's score is made of. */
  terms: readonly SpeedTerm[];
  seedOf(purpose: string): number;
}

/** Share by which the requests grow, in each step. */
const growth = 0.5;

/**
 * The reference's answers to a profile. Where the scenario has a subset: to so many of its requests,
 * in an order of their hash, that 95 % half-widths of all terms are below its limit, or to all.
 *
 * Requests in flight together are cut only for a reference that works on one at a time (ours): its
 * rate is one over the mean time of a request, however many wait. One that batches is slower with few.
 */
export async function timeReference(
  server: AskedServer,
  profile: TimedProfile,
  factor: number,
  rule: SubsetRule,
): Promise<ReferenceTimed> {
  const whole = trafficOf(profile, factor);
  const { subset, kind } = rule.reference;
  const alone = whole.maxInFlight === 1 && whole.arrival === 'burst';
  // Canaries say nothing of its speed.
  const plain = whole.asks.flatMap(({ canary }, place) => (canary === undefined ? [place] : []));
  const of = plain.length;
  if (subset === undefined || of <= subset.least || !(alone || kind === 'pytorch')) {
    return { traffic: whole, answers: await server.send(whole), places: null, subset: null };
  }
  const order = plain
    .map((place) => ({ place, key: rule.seedOf(`subset/${whole.id}/${place}`) }))
    .toSorted((a, b) => a.key - b.key || a.place - b.place)
    .map(({ place }) => place);
  const answers: Answer[] = [];
  let halfWidth: number | null = null;
  let next = Math.min(of, Math.max(subset.least, whole.maxInFlight));
  while (answers.length < next) {
    const places = order.slice(answers.length, next);
    const more = await server.send({
      ...whole,
      asks: places.flatMap((place) => whole.asks[place] ?? []),
      seed: whole.seed + answers.length,
    });
    // One after the other: the clock of each goes on where that of the last ended.
    const startMs = Math.max(0, ...answers.map(({ endMs }) => endMs));
    answers.push(...more.map((one) => ({ ...one, endMs: startMs + one.endMs })));
    halfWidth = worstHalfWidth(answers, rule.terms);
    if (more.some(({ outcome }) => outcome !== 'ok')) break;
    const enough = halfWidth !== null && halfWidth <= subset.until;
    if (!enough) next = Math.min(of, Math.ceil(next * (1 + growth)));
  }
  const places = order.slice(0, answers.length);
  return {
    traffic: { ...whole, asks: places.flatMap((place) => whole.asks[place] ?? []) },
    answers,
    places,
    subset: { profile: whole.id, requests: answers.length, of, halfWidth, until: subset.until },
  };
}

/** The widest of the terms; null where one has too few values for an interval. */
export function worstHalfWidth(
  answers: readonly Answer[],
  terms: readonly SpeedTerm[],
): number | null {
  const widths = terms.map((term) => halfWidthOf[term](answers));
  return widths.includes(null) ? null : Math.max(...(widths as number[]));
}

const halfWidthOf: Record<SpeedTerm, (answers: readonly Answer[]) => number | null> = {
  ttft_p50: (answers) => ofMedian(answers.flatMap(({ ttftMs }) => ttftMs ?? [])),
  latency_p50: (answers) => ofMedian(answers.flatMap(({ latencyMs }) => latencyMs ?? [])),
  tpot_p50: (answers) =>
    ofMedian(
      answers.flatMap(({ chunkAtMs, claimedOutputTokens }) => {
        const spanMs = (chunkAtMs.at(-1) ?? 0) - (chunkAtMs[0] ?? 0);
        const tokens = claimedOutputTokens ?? chunkAtMs.length;
        return tokens > 1 ? [spanMs / (tokens - 1)] : [];
      }),
    ),
  // Of the mean time between two ends: 1 over it is the rate.
  valid_completed_rate(answers) {
    const ends = answers.map(({ endMs }) => endMs).toSorted((a, b) => a - b);
    const gaps = ends.map((end, at) => end - (ends[at - 1] ?? 0));
    const effect = pairedEffect(gaps);
    const middle = mean(gaps) ?? 0;
    if (effect === null || middle <= 0) return null;
    const { low, high } = tInterval(effect, 0.95);
    return (high - low) / 2 / middle;
  },
};

/** Half of the interval by order statistics, as a share of the median. */
function ofMedian(values: readonly number[]): number | null {
  const middle = median(values);
  const interval = orderStatisticInterval(sortedCopy(values), 0.5, values.length);
  if (interval === null || middle === null || middle <= 0) return null;
  return (interval.high - interval.low) / 2 / middle;
}
