import { createRng } from '../../core/index.ts';
import type { LoadProfile, ScenarioSize } from '../../model/index.ts';
import type { Preparation } from '../checks/check.ts';
import { drawLength } from '../checks/lengths.ts';
import type { Answer, Ask, Traffic } from './ports.ts';
import { mostRequests } from './rate-bounds.ts';

/** A profile with all requests that it may come to need. */
export interface TimedProfile {
  profile: LoadProfile;
  asks: readonly Ask[];
  /** Beside them, each in front of the ask of that place. */
  canaries?: readonly { before: number; ask: Ask }[];
  seed: number;
}

/**
 * Requests of every profile, none in common, drawn from the final seed.
 * @param raised false: no rate will be doubled
 */
export async function makeTimedProfiles(
  size: ScenarioSize,
  { seedOf, makeAsk }: Pick<Preparation, 'seedOf' | 'makeAsk'>,
  raised = true,
): Promise<TimedProfile[]> {
  const made: TimedProfile[] = [];
  const used = new Set<number>();
  // Of thousands of numbers of 31 bits two may be the same: the same text.
  const newSeed = (purpose: string): number => {
    let seed = seedOf(purpose);
    for (let again = 1; size.disjointProfiles && used.has(seed); again++) {
      seed = seedOf(`${purpose}/again/${again}`);
    }
    used.add(seed);
    return seed;
  };
  for (const profile of size.profiles) {
    const seed = seedOf(`arrivals/${profile.id}`);
    const rng = createRng(seedOf(`lengths/${profile.id}`), 'lengths');
    const most = profile.requests * (raised && profile.rateRps !== null ? mostFactor(profile) : 1);
    const asks: Ask[] = [];
    for (let at = 0; at < most; at++) {
      // Without disjoint profiles they share their prompts, as the document's own code does.
      const purpose = size.disjointProfiles ? profile.id : 'shared';
      asks.push(
        await makeAsk({
          seed: newSeed(`timed/${purpose}/${at}`),
          inputTokens: drawLength(profile.inputTokens, rng.next()),
          outputTokens: drawLength(profile.outputTokens, rng.next()),
        }),
      );
    }
    made.push({ profile, asks, seed });
  }
  return made;
}

const mostFactor = ({ requests }: LoadProfile) =>
  2 ** Math.max(0, Math.floor(Math.log2(mostRequests / requests)));

/**
 * With its canaries, as many at any rate.
 * @param factor 2 = twice the rate, twice the requests
 */
export function trafficOf(
  { profile, asks, canaries = [], seed }: TimedProfile,
  factor: number,
): Traffic {
  const { id, arrival, requests, maxInFlight, rateRps } = profile;
  return {
    id,
    asks: asks.slice(0, requests * factor).flatMap((ask, at) => {
      const here = canaries.filter(({ before }) => before * factor === at);
      return [...here.map((one) => one.ask), ask];
    }),
    arrival,
    maxInFlight,
    rateRps: rateRps === null ? null : rateRps * factor,
    seed,
    timed: true,
  };
}

/** What was sent in a profile, without its canaries. */
export function withoutCanaries<T extends { traffic: Traffic; answers: readonly Answer[] }>(
  side: T,
): T {
  const { asks } = side.traffic;
  return {
    ...side,
    traffic: { ...side.traffic, asks: asks.filter(({ canary }) => canary === undefined) },
    answers: side.answers.filter(({ ask }) => ask.canary === undefined),
  };
}
