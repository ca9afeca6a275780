import {
  type BoardCell,
  type BoardRow,
  type ScoringRules,
  type TrialOutcome,
  type TrialScore,
  trialOutcomes,
} from '../../model/index.ts';
import { mean } from '../../stats/index.ts';
import { type ScoredRun, summarizeRuns } from './summarize-runs.ts';

/** Of the bootstrap: the same trials give the same intervals. */
const seed = 1;

/** Repeats of one entry: a cell a scenario, and the aggregate where every scenario has a score. */
export function buildRow(
  trials: readonly TrialScore[],
  rules: ScoringRules,
  scenarios: readonly string[],
  complete: boolean,
  id: string,
): Omit<BoardRow, 'trials'> {
  const [one] = trials as [TrialScore];
  const runs = scenarios.map((scenario) => scoredRuns(trials, scenario));
  return {
    id,
    label: one.entry.agent.id,
    detail: detailOf(one),
    entry: one.entry,
    cells: scenarios.map((scenario, i) => buildCell(trials, scenario, runs[i] ?? [], rules, id)),
    aggregate: complete ? summarizeRuns(runs, rules, { seed, purpose: `${id}/aggregate` }) : null,
  };
}

/** Scores of a row's runs, by scenario. */
export function scoresOfRow(
  trials: readonly TrialScore[],
  scenarios: readonly string[],
): number[][] {
  return scenarios.map((id) => scoredRuns(trials, id).map(({ score }) => score));
}

function buildCell(
  trials: readonly TrialScore[],
  scenario: string,
  runs: readonly ScoredRun[],
  rules: ScoringRules,
  row: string,
): BoardCell {
  const all = trials.filter((trial) => trial.scenario === scenario);
  const found = runs.map((run) => run.found);
  return {
    scenario,
    score: summarizeRuns([runs], rules, { seed, purpose: `${row}/${scenario}` }),
    found: found.includes(null) ? null : (mean(found as number[]) ?? null),
    outcomes: Object.fromEntries(
      trialOutcomes.map((kind) => [kind, all.filter(({ outcome }) => outcome === kind).length]),
    ) as Record<TrialOutcome, number>,
    best: runs.length === 0 ? null : Math.max(...runs.map(({ score }) => score)),
    correct: rules.correctness === null ? null : runs.filter((run) => run.correct === true).length,
  };
}

function scoredRuns(trials: readonly TrialScore[], scenario: string): ScoredRun[] {
  return trials.filter(
    (trial): trial is ScoredRun => trial.scenario === scenario && trial.score !== null,
  );
}

/** What tells rows of one agent apart. */
function detailOf({ entry, policy, activity }: TrialScore): string {
  const { agent, harness, model, promptSha256, forcedEngine } = entry;
  return [
    agent.version === null ? null : `version ${agent.version}`,
    harness === null ? null : `${harness.id} ${harness.version}`,
    model,
    promptSha256 === null ? null : `prompt ${promptSha256.slice(0, 8)}`,
    forcedEngine === null ? null : `only ${forcedEngine}`,
    activity.budgetS === null ? null : `${Number((activity.budgetS / 60).toFixed(1))} min`,
    policy === 'final' ? null : 'best verified state',
  ]
    .filter((part) => part !== null)
    .join(', ');
}
