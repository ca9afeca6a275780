import { BenchError } from '../../core/index.ts';
import type {
  MeasuredState,
  ScoredScenario,
  ScoringRules,
  TrialOutcome,
  TrialResult,
  TrialScore,
} from '../../model/index.ts';
import { activityOf } from './activity.ts';
import { doubtsOf } from './doubts.ts';
import { combineLaunches, formulaScore, runScore, withFallback } from './formula.ts';
import { type JudgedOutcome, judgedOutcome, submittedState } from './judged-outcome.ts';
import { geometricMean, speedupsOf } from './speedup.ts';

/**
 * The score of a trial under a set of rules: pure, so that old trials can be scored again.
 *
 * @param path where the trial was read, for people
 * @throws BenchError USAGE_RULES_MISMATCH where the rules do not know the scenario
 */
export function scoreTrial(trial: TrialResult, rules: ScoringRules, path: string): TrialScore {
  const scenario = rules.scenarios.find(({ id }) => id === trial.scenario.id);
  if (scenario === undefined) {
    throw new BenchError(
      'USAGE_RULES_MISMATCH',
      `Scoring rules "${rules.id}" have no scenario "${trial.scenario.id}" (${path}).`,
      { hint: 'Name a file of rules that have it with --rules.' },
    );
  }
  const policy = rules.policy ?? trial.scenario.policy;
  const state = submittedState(trial, policy);
  const judged = judgedOutcome(trial, policy);
  const figures = state === null ? nothing : figuresOf(trial, state, scenario, rules);
  const result = settle(judged, figures, rules);
  const checks = (verdict: string) =>
    (state?.checks ?? []).filter((check) => check.verdict === verdict).map(({ id }) => id);
  const score: TrialScore = {
    trialId: trial.trialId,
    path,
    scenario: scenario.id,
    scenarioSha256: trial.scenario.sha256,
    class: trial.scenario.class,
    baseModel: trial.baseModel,
    machine: trial.machine,
    reference: `${trial.reference.kind}: ${trial.reference.description}`,
    entry: trial.entry,
    policy,
    rules: rules.id,
    seeds: { dev: trial.seeds.dev, eval: trial.seeds.eval },
    outcome: result.outcome,
    reason: result.reason,
    speedup: figures.speedup,
    speedCounts: result.speedCounts,
    tokenMatchShare: figures.tokenMatchShare,
    correct: isCorrect(rules, figures.tokenMatchShare, result.outcome),
    score: result.score,
    launchScores: result.launchScores,
    parts: figures.parts,
    ...foundOf(trial, scenario, rules, result.score),
    checks: { failed: checks('fail'), flagged: checks('flag'), notRun: checks('not_run') },
    doubts: [],
  };
  return { ...score, doubts: doubtsOf(trial, state, score) };
}

interface Figures {
  launchScores: number[] | null;
  speedup: number | null;
  parts: TrialScore['parts'];
  tokenMatchShare: number | null;
  missing: { whose: 'candidate' | 'reference'; what: string } | null;
}

const nothing: Figures = {
  ...{ launchScores: null, speedup: null, parts: [] },
  ...{ tokenMatchShare: null, missing: null },
};

/** What the formula makes of a state, whatever its outcome. */
function figuresOf(
  trial: TrialResult,
  state: MeasuredState,
  scenario: ScoredScenario,
  rules: ScoringRules,
): Figures {
  const reference = state.reference ?? trial.reference.launches;
  const speedups = speedupsOf(state.launches, reference, scenario);
  const tokenMatchShare = state.correctness?.tokenMatchShare ?? null;
  if ('missing' in speedups) {
    // Below the correctness that is asked for, speed is neither measured nor needed.
    const alone = formulaScore(rules, null, tokenMatchShare);
    const { missing: whose, what } = speedups;
    const launchScores = alone === null ? null : [alone];
    return { ...nothing, tokenMatchShare, launchScores, missing: { whose, what } };
  }
  const { parts, launches } = speedups;
  const speedup = geometricMean(launches);
  const scores = launches.map((one) => formulaScore(rules, one, tokenMatchShare));
  if (scores.includes(null)) {
    const missing = { whose: 'candidate' as const, what: 'token match' };
    return { launchScores: null, speedup, parts, tokenMatchShare, missing };
  }
  return { launchScores: scores as number[], speedup, parts, tokenMatchShare, missing: null };
}

interface Settled {
  outcome: TrialOutcome;
  reason: string | null;
  score: number | null;
  launchScores: number[];
  /** The score is made of the speed-up, or fell back because of it. */
  speedCounts: boolean;
}

/** The outcome's score by the rules; what the formula lacks becomes an outcome of its own. */
function settle(judged: JudgedOutcome, figures: Figures, rules: ScoringRules): Settled {
  const { kind, reason } = judged;
  const rule = rules.outcomes[kind];
  if (rule !== 'formula') return fixed(kind, reason, rule);
  const { launchScores, missing } = figures;
  if (launchScores === null) {
    const { whose, what } = missing ?? { whose: 'candidate', what: 'measured state' };
    const other = whose === 'candidate' ? 'server_fail' : 'infra_error';
    const instead = rules.outcomes[other];
    return fixed(other, `the ${whose} has no ${what}`, instead === 'formula' ? null : instead);
  }
  const perMatch = rules.correctness?.perMatch ?? null;
  // A failed gate earns nothing by speed, even where enough tokens match.
  if (kind === 'quality_fail' && perMatch !== null) {
    return fixed(kind, reason, perMatch * (figures.tokenMatchShare ?? 0));
  }
  const { score, outcome } = withFallback(rules, combineLaunches(rules, launchScores));
  // Only speed and correctness are told again: the other outcomes rest on checks.
  if (kind !== 'scored' && kind !== 'regressed') {
    return { outcome: kind, reason, score, launchScores, speedCounts: true };
  }
  const atLeast = rules.correctness?.atLeast ?? null;
  if (atLeast !== null && (figures.tokenMatchShare ?? 0) < atLeast) {
    const why = `token match ${figures.tokenMatchShare} is below ${atLeast}`;
    return { outcome: 'quality_fail', reason: why, score, launchScores, speedCounts: false };
  }
  const why = outcome === 'regressed' ? (reason ?? 'slower than the reference') : reason;
  return { outcome, reason: why, score, launchScores, speedCounts: figures.speedup !== null };
}

function fixed(outcome: TrialOutcome, reason: string | null, score: number | null): Settled {
  const launchScores = score === null ? [] : [score];
  return { outcome, reason, score, launchScores, speedCounts: false };
}

function isCorrect(
  { correctness }: ScoringRules,
  tokenMatchShare: number | null,
  outcome: TrialOutcome,
): boolean | null {
  if (correctness === null || outcome === 'infra_error') return null;
  if (outcome !== 'scored' && outcome !== 'regressed') return false;
  return (tokenMatchShare ?? 0) >= correctness.atLeast;
}

/** The best that the trial had in its hands, and when it had it. */
function foundOf(
  trial: TrialResult,
  scenario: ScoredScenario,
  rules: ScoringRules,
  score: number | null,
): Pick<TrialScore, 'found' | 'activity'> {
  const states = [trial.final, trial.bestVerified].flatMap((state) => {
    if (state === null || (state.outcome !== 'scored' && state.outcome !== 'regressed')) return [];
    if (state.checks.some(({ verdict }) => verdict === 'fail')) return [];
    const { launchScores } = figuresOf(trial, state, scenario, rules);
    return launchScores === null ? [] : [{ state, value: runScore(rules, launchScores) }];
  });
  const best = states.toSorted((a, b) => b.value - a.value)[0];
  const found = Math.max(best?.value ?? -1, score ?? -1);
  return {
    found: found < 0 ? null : found,
    activity: activityOf(trial, best?.state.atS ?? null),
  };
}
