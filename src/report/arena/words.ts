import type {
  Board,
  BoardRow,
  Leaderboard,
  ScoreDoubt,
  ScoreSummary,
  ScoringRules,
  Standing,
  TrialOutcome,
  TrialScore,
} from '../../model/index.ts';
import { missing, plainText } from '../format.ts';

export const outcomeWords: Record<TrialOutcome, string> = {
  scored: 'scored',
  regressed: 'regressed',
  quality_fail: 'quality failed',
  integrity_fail: 'integrity failed',
  wrong_engine: 'wrong engine',
  server_fail: 'server failed',
  infra_error: 'infra error',
};

export function rulesOf({ rules }: Leaderboard, id: string): ScoringRules | undefined {
  return rules.find((one) => one.id === id);
}

/** `5.08×`; of the correctness-gated form `0.325`. */
export function scoreText(value: number | null, form: ScoringRules['form'] | undefined): string {
  if (value === null || !Number.isFinite(value)) return missing;
  if (form === 'correctness_gated') return value.toFixed(3);
  return `${value.toFixed(value < 100 ? 2 : 1)}×`;
}

/** `5.08× ±0.31` */
export function meanText(
  summary: ScoreSummary | null,
  form: ScoringRules['form'] | undefined,
): string {
  if (summary === null) return missing;
  const { mean, sem } = summary;
  const digits = form === 'correctness_gated' ? 3 : 2;
  return `${scoreText(mean, form)}${sem === null ? '' : ` ±${sem.toFixed(digits)}`}`;
}

export function intervalText(
  summary: ScoreSummary | null,
  form: ScoringRules['form'] | undefined,
): string {
  if (summary === null || summary.low === null || summary.high === null) return missing;
  return `[${[summary.low, summary.high].map((end) => boundText(end, form)).join(', ')}]`;
}

/** Bounds of a few runs can be far out: no more digits than they carry. */
function boundText(value: number, form: ScoringRules['form'] | undefined): string {
  if (form === 'correctness_gated') return value.toFixed(3);
  return value >= 0.1 && value < 100 ? value.toFixed(2) : String(Number(value.toPrecision(2)));
}

/** `3`, or `2–5` where the repeats allow more than one. */
export function rankText({ low, high }: Standing): string {
  return low === high ? String(low) : `${low}–${high}`;
}

export function scenarioName(board: Board, id: string): string {
  const label = board.scenarios.find((one) => one.id === id)?.label;
  return label === undefined ? id : `${label} ${id}`;
}

export function boardTitle(board: Board): string {
  const what = board.class === 'full' ? 'Class full' : `Class ${board.class}, not comparable`;
  return `${what}: ${board.baseModel} on ${board.machine}`;
}

/** What a row is ranked by on its board. */
export function mainStanding(board: Board): { by: string; standings: Standing[] } {
  const by = board.complete ? 'aggregate' : (board.scenarios[0]?.id ?? '');
  return { by, standings: board.standings[by] ?? [] };
}

/** Names of rows; those that share one get their detail too. */
export function rowNames(board: Board): Map<string, string> {
  const labels = board.rows.map(({ label }) => label);
  return new Map(
    board.rows.map((row) => {
      const alone = labels.filter((label) => label === row.label).length === 1;
      return [row.id, plainText(alone ? row.label : nameWithDetail(row))];
    }),
  );
}

const nameWithDetail = ({ label, detail }: BoardRow) =>
  detail === '' ? label : `${label} (${detail})`;

/** Beside the speed of a trial whose score is not made of it. */
export const notCounted = 'measured, not counted';

/** What a score fell back on, and doubts. */
export function remarks({ reason, doubts }: TrialScore): string {
  return [...(reason === null ? [] : [reason]), ...doubts.map(({ message }) => message)].join('; ');
}

/** Of a board or a row. */
export function trialsOf(
  leaderboard: Leaderboard,
  { trials }: { trials: readonly number[] },
): TrialScore[] {
  return trials.flatMap((at) => leaderboard.trials[at] ?? []);
}

export function doubtText({ id, message }: ScoreDoubt): string {
  return `${id}: ${message}`;
}

/** How the numbers of a board came about, in a few sentences. */
export function readingLines(rules: ScoringRules): string[] {
  const gated = rules.correctness;
  return [
    `Rules ${rules.id}: ${rules.title}.`,
    gated === null
      ? 'A run scores its speed-up over the reference; failed, wrong-engine and slower runs score the reference (1.00×).'
      : `A run scores ${gated.base} + ${gated.perSpeedup} × speed-up from a token match of ${gated.atLeast} on, else ${gated.perMatch} × token match; a failed check or server scores its fixed value.`,
    'Infra errors are not scored. Mean: arithmetic over runs, ± its standard error' +
      (gated === null ? '; the aggregate is the geometric mean over the scenarios.' : '.'),
    `Interval: 95 %; under 6 runs Student's t${gated === null ? ' on log scores' : ''}, from 6 on a bootstrap over runs and server launches.`,
    'Rank: where the row may stand with 95 % confidence for all rows together; rows that share a letter cannot be told apart.',
  ];
}

/** Over the requests of one trial: what launches differ by is not in it. */
export function partInterval({ low, high }: { low: number; high: number }): string {
  return `${low.toFixed(2)} to ${high.toFixed(2)} over its requests, 95 %`;
}
