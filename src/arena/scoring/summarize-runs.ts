import type { ScoreSummary, ScoringRules, TrialScore } from '../../model/index.ts';
import { mean, meanOfStrata, nestedBootstrap, stdev, tInterval } from '../../stats/index.ts';
import { runScore } from './formula.ts';
import { geometricMean } from './speedup.ts';

/** A scored trial: its score is there. */
export type ScoredRun = TrialScore & { score: number };

/** From this many independent runs on the bootstrap is used. */
const enoughForBootstrap = 6;
const level = 0.95;

/**
 * The mean score of repeats with its standard error and interval: of one scenario, or of several,
 * each with runs of its own.
 *
 * Mean: arithmetic within a scenario; over scenarios geometric, of the gated form arithmetic.
 * Interval: under 6 runs (of the scenario with the fewest) Student's t, on log scores in the form
 * speedup, so of the geometric mean; from 6 on a bootstrap of the mean itself that draws runs, then
 * server launches within them. A single run of several launches has the launches as its unit, and
 * says so. Runs without any spread, all of them fallen back, have no interval.
 *
 * @param seed of the bootstrap; @returns null where a scenario has no run
 */
export function summarizeRuns(
  scenarios: readonly (readonly ScoredRun[])[],
  rules: ScoringRules,
  options: { seed: number; purpose: string },
): ScoreSummary | null {
  if (scenarios.length === 0 || scenarios.some((runs) => runs.length === 0)) return null;
  const scores = scenarios.map((runs) => runs.map(({ score }) => score));
  const unit = scenarios.every((runs) => runs.length > 1) ? 'run' : 'launch';
  return {
    runs: Math.min(...scenarios.map((runs) => runs.length)),
    mean: meanOver(rules, scores),
    sem: standardError(scenarios, rules),
    ...intervalOf(scenarios, rules, options),
    level,
    unit,
  };
}

type Interval = Pick<ScoreSummary, 'low' | 'high' | 'method'>;
const none: Interval = { low: null, high: null, method: null };

function intervalOf(
  scenarios: readonly (readonly ScoredRun[])[],
  rules: ScoringRules,
  options: { seed: number; purpose: string },
): Interval {
  const values = scenarios.map((runs) => unitValues(runs, rules));
  const fewest = Math.min(...values.map((units) => units.length));
  if (fewest < 2 || !values.some(hasSpread)) return none;
  if (fewest < enoughForBootstrap) return tIntervalOf(values, rules);
  const launches = scenarios.map((runs) => runs.map(({ launchScores }) => launchScores));
  const statistic = (strata: readonly (readonly (readonly number[])[])[]) =>
    meanOver(
      rules,
      strata.map((runs) => runs.map((one) => runScore(rules, one))),
    );
  const interval = nestedBootstrap(launches, statistic, { ...options, level });
  return interval === null ? none : { ...interval, method: 'bootstrap' };
}

function tIntervalOf(values: readonly (readonly number[])[], rules: ScoringRules): Interval {
  const scaled = toScale(values, rules);
  const effect = scaled === null ? null : meanOfStrata(scaled);
  if (effect === null) return none;
  const { low, high } = tInterval(effect, level);
  return rules.form === 'speedup'
    ? { low: Math.exp(low), high: Math.exp(high), method: 't_log' }
    : { low, high, method: 't' };
}

/** On the scale on which scores are compared; null where there is no logarithm. */
export function toScale(
  values: readonly (readonly number[])[],
  { form }: ScoringRules,
): number[][] | null {
  if (form !== 'speedup') return values.map((units) => [...units]);
  if (values.some((units) => units.some((value) => value <= 0))) return null;
  return values.map((units) => units.map(Math.log));
}

/** Scores of the runs; of a single run those of its launches. */
function unitValues(runs: readonly ScoredRun[], rules: ScoringRules): number[] {
  const [only, ...more] = runs;
  if (only === undefined || more.length > 0) return runs.map(({ score }) => score);
  return only.launchScores.map((one) => runScore(rules, [one]));
}

function meanOver(rules: ScoringRules, scores: readonly (readonly number[])[]): number {
  const means = scores.map((runs) => mean(runs) as number);
  return rules.form === 'speedup' ? geometricMean(means) : (mean(means) as number);
}

/**
 * Standard error of the mean (ddof 1). Over several scenarios it is taken over seed pairs, each with
 * its own aggregate, where every scenario has each pair once; else there is none.
 */
function standardError(
  scenarios: readonly (readonly ScoredRun[])[],
  rules: ScoringRules,
): number | null {
  const bySeed = scenarios.map((runs) => new Map(runs.map((run) => [seedOf(run), run.score])));
  const [first] = bySeed;
  const [only, ...more] = scenarios;
  if (first === undefined || only === undefined) return null;
  if (more.length === 0) return errorOf(only.map(({ score }) => score));
  const seeds = [...first.keys()];
  const balanced = bySeed.every(
    (map, i) =>
      map.size === scenarios[i]?.length &&
      seeds.every((seed) => map.has(seed)) &&
      map.size === seeds.length,
  );
  if (!balanced) return null;
  return errorOf(
    seeds.map((seed) =>
      meanOver(
        rules,
        bySeed.map((map) => [map.get(seed) as number]),
      ),
    ),
  );
}

function errorOf(values: readonly number[]): number | null {
  const spread = stdev(values);
  return spread === undefined ? null : spread / Math.sqrt(values.length);
}

const seedOf = ({ seeds }: ScoredRun) => `${seeds.dev}/${seeds.eval}`;
const hasSpread = (values: readonly number[]) => values.some((value) => value !== values[0]);
