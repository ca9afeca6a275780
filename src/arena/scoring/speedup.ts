import type {
  MeasuredLaunch,
  ProfileFigures,
  RequestFigures,
  ScoredScenario,
  SpeedTerm,
  TrialScore,
} from '../../model/index.ts';
import { ratioInterval } from './ratio-interval.ts';

/** Speed-ups of a state against its reference, or whose figure is missing. */
export type Speedups =
  | { launches: number[]; parts: TrialScore['parts'] }
  | { missing: 'candidate' | 'reference'; what: string };

/**
 * Each launch's speed-up: the geometric mean, over the scenario's profiles and terms, of reference
 * against candidate, above 1 being faster. The reference's launches count as their geometric mean.
 */
export function speedupsOf(
  candidate: readonly MeasuredLaunch[],
  reference: readonly MeasuredLaunch[],
  scenario: ScoredScenario,
): Speedups {
  if (candidate.length === 0) return { missing: 'candidate', what: 'server launch' };
  if (reference.length === 0) return { missing: 'reference', what: 'server launch' };
  const byLaunch = candidate.map((): number[] => []);
  const parts: TrialScore['parts'] = [];
  for (const profile of scenario.profiles) {
    for (const term of scenario.terms) {
      const what = `${term} of profile ${profile}`;
      const [base, own] = [reference, candidate].map((side) => valuesOf(side, profile, term));
      // A reference that completes nothing is no base.
      if (!base || base.includes(0)) return { missing: 'reference', what };
      if (!own) return { missing: 'candidate', what };
      const middle = geometricMean(base);
      const ratios = own.map((value) => (isRate[term] ? value / middle : middle / value));
      ratios.forEach((ratio, launch) => byLaunch[launch]?.push(ratio));
      const values = requestsBehind[term];
      const interval =
        values === null ? null : ratioInterval(candidate, reference, profile, values);
      parts.push({ profile, term, ratio: geometricMean(ratios), interval });
    }
  }
  return { launches: byLaunch.map(geometricMean), parts };
}

/** The geometric mean; 0 where a value is. Of equal values it is that value, to the last bit. */
export function geometricMean(values: readonly number[]): number {
  const [first] = values;
  if (first !== undefined && values.every((value) => value === first)) return first;
  const logs = values.reduce((sum, value) => sum + Math.log(value), 0);
  return Math.exp(logs / values.length);
}

/** A figure a launch; null where one has none. Nothing takes no time: 0 ms is no measurement. */
function valuesOf(
  launches: readonly MeasuredLaunch[],
  profile: string,
  term: SpeedTerm,
): number[] | null {
  const values = launches.map(({ profiles }) => {
    const figures = profiles.find((one) => one.profile === profile);
    const value = figures === undefined ? null : figureOf[term](figures);
    return value === 0 && !isRate[term] ? null : value;
  });
  return values.includes(null) ? null : (values as number[]);
}

const figureOf: Record<SpeedTerm, (figures: ProfileFigures) => number | null> = {
  ttft_p50: ({ ttftP50Ms }) => ttftP50Ms,
  tpot_p50: ({ tpotP50Ms }) => tpotP50Ms,
  latency_p50: ({ latencyP50Ms }) => latencyP50Ms,
  valid_completed_rate: ({ validCompletedRps }) => validCompletedRps,
};

/** What a figure is the median of; a rate is of no single request. */
const requestsBehind: Record<SpeedTerm, keyof RequestFigures | null> = {
  ...{ ttft_p50: 'ttftMs', tpot_p50: 'tpotMs', latency_p50: 'latencyMs' },
  valid_completed_rate: null,
};

/** Higher is better; the others are times. */
const isRate: Record<SpeedTerm, boolean> = {
  ...{ ttft_p50: false, tpot_p50: false, latency_p50: false },
  valid_completed_rate: true,
};
