import type { ProfileFigures, ScenarioSize } from '../../model/index.ts';
import { median } from '../checks/numbers.ts';
import { isRateLimited } from '../scoring/doubts.ts';
import { keepsUp, type TimedSide } from './raise-rate.ts';

/** Text encoded again may be some tokens shorter than what was sampled; less than this is a stop. */
const fullLength = 0.9;

/**
 * One profile of one launch; only what ended well and in full length counts. Canaries are work, so they
 * count in requests per second; they are in no other figure.
 * @param timesOf places of the answers whose times count; null = all. Rates are always of all
 */
export function speedFigures(
  { traffic, answers, cap = null }: Pick<TimedSide, 'traffic' | 'answers'> & Partial<TimedSide>,
  counts: { whole: readonly number[]; first: readonly number[] },
  { ignoreEos }: ScenarioSize,
  timesOf: ReadonlySet<number> | null = null,
): ProfileFigures {
  const { id, arrival, rateRps, maxInFlight } = traffic;
  const timed = answers.flatMap((answer, at) => {
    const tokens = counts.whole[at] ?? 0;
    const least = ignoreEos ? fullLength * answer.ask.outputTokens : 1;
    if (answer.outcome !== 'ok' || answer.ttftMs === null || tokens < least) return [];
    // More than was asked for earns nothing.
    return [
      {
        ...{ answer, tokens: Math.min(tokens, answer.ask.outputTokens) },
        ...{ first: counts.first[at] ?? 1, at },
      },
    ];
  });
  const endMs = Math.max(...timed.map(({ answer }) => answer.endMs), 0);
  const validCompletedRps = endMs > 0 ? timed.length / (endMs / 1000) : null;
  const offeredRps = arrival === 'burst' || maxInFlight === 0 ? null : rateRps;
  const plain = timed.filter(({ answer }) => answer.ask.canary === undefined);
  const told = plain.filter(({ at }) => timesOf === null || timesOf.has(at));
  const perRequest = {
    ttftMs: told.map(({ answer }) => answer.ttftMs as number),
    tpotMs: told.flatMap(({ answer, tokens, first }) => {
      const span = (answer.chunkAtMs.at(-1) ?? 0) - (answer.chunkAtMs[0] ?? 0);
      return tokens > first && span > 0 ? [span / (tokens - first)] : [];
    }),
    latencyMs: told.flatMap(({ answer }) => (answer.latencyMs === null ? [] : [answer.latencyMs])),
  };
  return {
    profile: id,
    ttftP50Ms: median(perRequest.ttftMs),
    tpotP50Ms: median(perRequest.tpotMs),
    latencyP50Ms: median(perRequest.latencyMs),
    validCompletedRps,
    offeredRps,
    rateLimited:
      isRateLimited({ offeredRps, validCompletedRps }) ||
      (offeredRps !== null &&
        keepsUp(
          traffic,
          timed.map(({ answer }) => answer),
        )),
    ...(cap && { rateCap: cap }),
    requests: answers.filter(({ ask }) => ask.canary === undefined).length,
    validRequests: plain.length,
    perRequest,
  };
}
