import type {
  Board,
  Leaderboard,
  ScoreDoubt,
  ScoringRules,
  TrialScore,
} from '../../model/index.ts';
import { buildRow, scoresOfRow } from './build-row.ts';
import { groupBy, shortHash } from './group-by.ts';
import { rankRows } from './rank-rows.ts';

/**
 * Boards of all that can be compared with each other: same rules, class, model, machine and
 * reference. A trial that is there twice, by its id, counts once.
 *
 * @param rules those that the trials were scored under
 */
export function buildLeaderboard(
  trials: readonly TrialScore[],
  rules: readonly ScoringRules[],
  toolVersion: string,
): Leaderboard {
  const byId = groupBy(trials, ({ trialId }) => trialId);
  const kept = byId.flatMap(([first]) => first ?? []);
  const repeated = byId.flatMap(([, ...more]) => more);
  const boards = groupBy(kept, keyOfBoard).flatMap((members) => {
    const key = keyOfBoard(members[0] as TrialScore);
    const own = rules.find(({ id }) => id === members[0]?.rules);
    if (own === undefined) return [];
    const twice = repeated.filter((trial) => keyOfBoard(trial) === key);
    const indices = new Map(kept.map((trial, at) => [trial, at]));
    const indexOf = (trial: TrialScore) => indices.get(trial) as number;
    const board = buildBoard(members, own, twice, indexOf);
    return [{ ...board, id: `board-${shortHash(key)}`, trials: members.map(indexOf) }];
  });
  return {
    schema: 'inferencebench.leaderboard.v1',
    tool: { name: 'inferencebench', version: toolVersion },
    rules: rules.filter(({ id }) => boards.some((board) => board.rules === id)),
    boards: boards.toSorted((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1)),
    trials: kept,
  };
}

function buildBoard(
  trials: readonly TrialScore[],
  rules: ScoringRules,
  repeated: readonly TrialScore[],
  indexOf: (trial: TrialScore) => number,
): Omit<Board, 'id' | 'trials'> {
  const [one] = trials as [TrialScore];
  const scenarios = rules.scenarios.filter(({ id }) => trials.some((t) => t.scenario === id));
  const complete = scenarios.length === rules.scenarios.length;
  const ids = scenarios.map(({ id }) => id);
  const built = groupBy(trials, keyOfRow).map((members) => {
    const id = shortHash(keyOfRow(members[0] as TrialScore));
    const row = buildRow(members, rules, ids, complete, id);
    return { row: { ...row, trials: members.map(indexOf) }, members };
  });
  const rankBy = (wanted: readonly string[], meanOf: (at: number) => number | undefined) =>
    rankRows(
      built.flatMap(({ row, members }, at) => {
        const mean = meanOf(at);
        return mean === undefined
          ? []
          : [{ id: row.id, mean, scores: scoresOfRow(members, wanted) }];
      }),
      rules,
    );
  const standings: Board['standings'] = {
    ...(complete && { aggregate: rankBy(ids, (at) => built[at]?.row.aggregate?.mean) }),
    ...Object.fromEntries(
      ids.map((id, column) => [
        id,
        rankBy([id], (at) => built[at]?.row.cells[column]?.score?.mean),
      ]),
    ),
  };
  const place = placesBy(standings[complete ? 'aggregate' : (ids[0] ?? '')] ?? []);
  return {
    rules: rules.id,
    class: one.class,
    baseModel: one.baseModel,
    machine: one.machine,
    reference: one.reference,
    scenarios: scenarios.map(({ id, label }) => ({ id, label })),
    complete,
    rows: built
      .map(({ row }) => row)
      .toSorted((a, b) => place(a.id) - place(b.id) || (a.label < b.label ? -1 : 1)),
    standings,
    doubts: boardDoubts(trials, ids, repeated),
  };
}

/** Rows that are not ranked come last. */
function placesBy(standings: readonly { row: string }[]): (id: string) => number {
  const places = new Map(standings.map(({ row }, at) => [row, at]));
  return (id) => places.get(id) ?? standings.length;
}

function boardDoubts(
  trials: readonly TrialScore[],
  scenarios: readonly string[],
  repeated: readonly TrialScore[],
): ScoreDoubt[] {
  const changed = scenarios.filter((id) => {
    const texts = trials.filter(({ scenario }) => scenario === id);
    return new Set(texts.map(({ scenarioSha256 }) => scenarioSha256)).size > 1;
  });
  return [
    ...changed.map((id) => ({
      id: 'scenario-changed',
      message: `trials of ${id} were made with different texts of the scenario: their scores cannot be compared`,
    })),
    ...(repeated.length === 0
      ? []
      : [
          {
            id: 'trial-repeated',
            message: `counted once although found again: ${repeated.map(({ path }) => path).join(', ')}`,
          },
        ]),
  ];
}

const keyOfBoard = (trial: TrialScore) =>
  JSON.stringify([trial.rules, trial.class, trial.baseModel, trial.machine, trial.reference]);

/** Versions, prompt, engine, budget and policy move a score as much as the model does. */
const keyOfRow = ({ entry, activity, policy }: TrialScore) =>
  JSON.stringify([entry, activity.budgetS, policy]);

const orderOf = (board: Board) =>
  JSON.stringify([board.class, board.rules, board.baseModel, board.machine, board.reference]);
