import {
  type Board,
  type Leaderboard,
  type TrialOutcome,
  type TrialScore,
  trialOutcomes,
} from '../../model/index.ts';
import type { TableData } from '../content/table.ts';
import { formatSeconds, missing, plainText } from '../format.ts';
import {
  intervalText,
  mainStanding,
  meanText,
  outcomeWords,
  rankText,
  remarks,
  rowNames,
  rulesOf,
  scenarioName,
  scoreText,
  trialsOf,
} from './words.ts';

/** Every trial with its outcome, score and why. */
export function trialTable(leaderboard: Leaderboard, trials: readonly TrialScore[]): TableData {
  return {
    caption: 'Trials',
    head: ['Trial', 'Scenario', 'Entry', 'Seeds', 'Outcome', 'Score', 'Found', 'Remarks'],
    rows: trials.map((trial) => {
      const form = rulesOf(leaderboard, trial.rules)?.form;
      return [
        plainText(trial.trialId),
        `${trial.scenario}${trial.class === 'full' ? '' : ` (${trial.class})`}`,
        plainText(trial.entry.agent.id),
        `${trial.seeds.dev}/${trial.seeds.eval}`,
        outcomeWords[trial.outcome],
        scoreText(trial.score, form),
        // What a trial had in its hands is told beside a score, not in place of one.
        scoreText(trial.score === null ? null : trial.found, form),
        plainText(remarks(trial)),
      ];
    }),
  };
}

/** Rows by rank: the aggregate and every scenario. */
export function standingTable(leaderboard: Leaderboard, board: Board): TableData {
  const form = rulesOf(leaderboard, board.rules)?.form;
  const gated = form === 'correctness_gated';
  const { by, standings } = mainStanding(board);
  const names = rowNames(board);
  const [only, ...more] = board.scenarios;
  const alone = more.length === 0;
  const ranked = by === 'aggregate' && alone ? (only?.id ?? by) : by;
  // Of the board's columns, what it is ranked by comes first.
  const others = alone ? [] : board.scenarios.filter(({ id }) => id !== ranked);
  const name = ranked === 'aggregate' ? 'Aggregate' : scenarioName(board, ranked);
  return {
    caption: `Ranked by ${ranked === 'aggregate' ? 'the aggregate' : name}`,
    head: [
      ...['Entry', '#', gated ? 'Average' : name, '95 % interval'],
      ...(gated ? ['Correct', 'Best'] : []),
      ...['Rank', 'Group'],
      ...(alone ? ['Runs'] : others.map(({ id }) => scenarioName(board, id))),
    ],
    rows: board.rows.map((row) => {
      const standing = standings.find((one) => one.row === row.id);
      const cell = row.cells.find(({ scenario }) => scenario === ranked) ?? null;
      const summary = ranked === 'aggregate' ? row.aggregate : (cell?.score ?? null);
      return [
        names.get(row.id) ?? row.label,
        standing === undefined ? missing : String(standing.rank),
        meanText(summary, form),
        intervalText(summary, form),
        ...(gated
          ? [`${cell?.correct ?? 0}/${summary?.runs ?? 0}`, scoreText(cell?.best ?? null, form)]
          : []),
        standing === undefined ? missing : rankText(standing),
        standing?.groups ?? missing,
        ...(alone
          ? [String(summary?.runs ?? 0)]
          : others.map(({ id }) => {
              const other = row.cells.find(({ scenario }) => scenario === id);
              return meanText(other?.score ?? null, form);
            })),
      ];
    }),
  };
}

/** One scenario, with what its chart shows. */
export function scenarioTable(leaderboard: Leaderboard, board: Board, id: string): TableData {
  const form = rulesOf(leaderboard, board.rules)?.form;
  const names = rowNames(board);
  const standings = board.standings[id] ?? [];
  const summaryOf = (row: string) => {
    const found = board.rows.find((one) => one.id === row);
    if (id === 'aggregate') return found?.aggregate ?? null;
    return found?.cells.find(({ scenario }) => scenario === id)?.score ?? null;
  };
  return {
    caption: id === 'aggregate' ? 'Aggregate' : scenarioName(board, id),
    head: ['Entry', 'Runs', 'Mean', '95 % interval', 'Interval by', 'Rank', 'Group'],
    rows: standings.map((standing) => {
      const summary = summaryOf(standing.row);
      return [
        names.get(standing.row) ?? standing.row,
        String(summary?.runs ?? 0),
        meanText(summary, form),
        intervalText(summary, form),
        methodText(summary?.method ?? null, summary?.unit ?? 'run'),
        rankText(standing),
        standing.groups,
      ];
    }),
  };
}

function methodText(method: string | null, unit: string): string {
  if (method === null) return missing;
  const name = { t_log: 't on log scores', t: 't', bootstrap: 'bootstrap' }[method] ?? method;
  return unit === 'run' ? name : `${name}, launches of one run`;
}

/** How many trials came to which outcome. */
export function outcomeTable(board: Board): TableData {
  const names = rowNames(board);
  const kinds = trialOutcomes.filter((kind) => board.rows.some((row) => countOf(row, kind) > 0));
  return {
    caption: 'Outcomes of trials',
    head: ['Entry', 'Trials', ...kinds.map((kind) => outcomeWords[kind])],
    rows: board.rows.map((row) => {
      const counts = kinds.map((kind) => countOf(row, kind));
      const all = counts.reduce((sum, count) => sum + count, 0);
      return [names.get(row.id) ?? row.label, String(all), ...counts.map(String)];
    }),
  };
}

export function countOf(row: Board['rows'][number], kind: TrialOutcome): number {
  return row.cells.reduce((sum, { outcomes }) => sum + outcomes[kind], 0);
}

/** Mean of what was submitted beside the mean of the best that the runs had in their hands. */
export function foundTable(leaderboard: Leaderboard, board: Board): TableData {
  const form = rulesOf(leaderboard, board.rules)?.form;
  const names = rowNames(board);
  return {
    caption: 'Submitted → found, mean over runs',
    head: ['Entry', ...board.scenarios.map(({ id }) => scenarioName(board, id))],
    rows: board.rows.map((row) => [
      names.get(row.id) ?? row.label,
      ...row.cells.map(({ score, found }) =>
        score === null ? missing : `${scoreText(score.mean, form)} → ${scoreText(found, form)}`,
      ),
    ]),
  };
}

/** What the agents did with their time, run by run. */
export function activityTable(leaderboard: Leaderboard, board: Board): TableData {
  return {
    caption: 'What the runs tried',
    head: ['Trial', 'Entry', 'Scenario', 'Configurations', 'Restarts', 'Time to best', 'Time used'],
    rows: trialsOf(leaderboard, board).map(({ trialId, entry, scenario, activity }) => [
      plainText(trialId),
      plainText(entry.agent.id),
      scenario,
      countText(activity.configurations),
      countText(activity.restarts),
      activity.timeToBestS === null ? missing : formatSeconds(activity.timeToBestS),
      activity.wallS === null ? missing : formatSeconds(activity.wallS),
    ]),
  };
}

const countText = (count: number | null) => (count === null ? missing : String(count));
