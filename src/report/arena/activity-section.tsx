import type { Board, Leaderboard, TrialScore } from '../../model/index.ts';
import { formatNumber } from '../format.ts';
import type { PageSection } from '../html/document.tsx';
import { DataTable, Figure } from '../html/figure.tsx';
import { DotsChart } from './charts/dots-chart.tsx';
import { activityTable } from './tables.ts';
import { rowNames, trialsOf } from './words.ts';

const shown = [
  {
    id: 'configurations',
    title: 'Non-default configurations tried per run',
    unit: 'distinct sets of flags',
    whole: true,
    caption: 'A set of non-default flags counts once, however often it was launched.',
    valueOf: ({ activity }: TrialScore) => activity.configurations,
  },
  {
    id: 'restarts',
    title: 'Restarts per run',
    unit: 'restarts of the server',
    whole: true,
    caption: 'Starts of a server by the agent after the first one.',
    valueOf: ({ activity }: TrialScore) => activity.restarts,
  },
  {
    id: 'time-to-best',
    title: 'Time to best',
    unit: 'minutes',
    whole: false,
    caption: "When the best state of the run was reached, on the agent's clock.",
    valueOf: ({ activity }: TrialScore) =>
      activity.timeToBestS === null ? null : activity.timeToBestS / 60,
  },
] as const;

/** What the agents did with their time; null where nothing was recorded. */
export function activitySection(
  leaderboard: Leaderboard,
  board: Board,
  suffix: string,
): PageSection | null {
  const figures = shown.flatMap((figure) => {
    const rows = rowsOf(leaderboard, board, figure.valueOf);
    return rows.length === 0 ? [] : [{ ...figure, rows }];
  });
  if (figures.length === 0) return null;
  const table = activityTable(leaderboard, board);
  return {
    id: 'search',
    title: 'What the runs tried',
    short: 'Search',
    body: (
      <>
        <div class="figures">
          {figures.map(({ id, title, unit, whole, caption, rows }) => (
            <Figure
              id={`${id}${suffix}`}
              title={title}
              caption={`${caption} A number beside a dot: so many runs.`}
              table={{
                caption: title,
                head: ['Entry', 'Runs'],
                rows: rows.map(({ name, values }) => [name, values.map(formatNumber).join(', ')]),
              }}
            >
              <DotsChart
                id={`${id}${suffix}-chart`}
                title={title}
                desc={rows.map(({ name, text }) => `${name}: ${text}.`).join(' ')}
                unit={unit}
                whole={whole}
                rows={rows}
              />
            </Figure>
          ))}
        </div>
        <details class="more">
          <summary>Run by run</summary>
          <DataTable {...table} />
        </details>
      </>
    ),
  };
}

function rowsOf(
  leaderboard: Leaderboard,
  board: Board,
  valueOf: (trial: TrialScore) => number | null,
) {
  const names = rowNames(board);
  return board.rows.flatMap((row) => {
    const values = trialsOf(leaderboard, row)
      .map(valueOf)
      .filter((value) => value !== null)
      .toSorted((a, b) => a - b);
    if (values.length === 0) return [];
    const middle = medianOf(values);
    const text = `median ${formatNumber(middle)} of ${values.length} ${values.length === 1 ? 'run' : 'runs'}`;
    return [{ name: names.get(row.id) ?? row.label, values, text }];
  });
}

function medianOf(sorted: readonly number[]): number {
  const half = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(half) - 1] ?? 0, sorted[Math.floor(half)] ?? 0];
  return (low + high) / 2;
}
