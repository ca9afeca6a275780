import type { Board, Leaderboard } from '../../model/index.ts';
import { trialOutcomes } from '../../model/index.ts';
import { plainText } from '../format.ts';
import type { PageSection } from '../html/document.tsx';
import { DataTable, Figure } from '../html/figure.tsx';
import { activitySection } from './activity-section.tsx';
import { FoundChart } from './charts/found-chart.tsx';
import { countsText, OutcomeChart } from './charts/outcome-chart.tsx';
import { ScoreChart } from './charts/score-chart.tsx';
import {
  countOf,
  foundTable,
  outcomeTable,
  scenarioTable,
  standingTable,
  trialTable,
} from './tables.ts';
import {
  boardTitle,
  doubtText,
  meanText,
  outcomeWords,
  rankText,
  readingLines,
  rowNames,
  rulesOf,
  scenarioName,
  scoreText,
  trialsOf,
} from './words.ts';

/** Sections of one board; `suffix` keeps their addresses apart where there are several. */
export function boardSections(
  leaderboard: Leaderboard,
  board: Board,
  suffix: string,
): PageSection[] {
  const rules = rulesOf(leaderboard, board.rules);
  const sections: (PageSection | null)[] = [
    {
      id: 'standings',
      title: suffix === '' ? 'Standings' : `Standings: ${plainText(boardTitle(board))}`,
      short: 'Standings',
      body: (
        <>
          <div class="standings">
            <DataTable {...standingTable(leaderboard, board)} />
          </div>
          <Details board={board} />
          {board.doubts.map((doubt) => (
            <p class="banner">{plainText(doubtText(doubt))}</p>
          ))}
          {rules && <p class="note">{readingLines(rules).join(' ')}</p>}
        </>
      ),
    },
    scoresSection(leaderboard, board, suffix),
    outcomesSection(board, suffix),
    foundSection(leaderboard, board, suffix),
    activitySection(leaderboard, board, suffix),
    {
      id: 'trials',
      title: 'Trials',
      body: <DataTable {...trialTable(leaderboard, trialsOf(leaderboard, board))} text={[7]} />,
    },
  ];
  return sections.flatMap((section) =>
    section === null ? [] : [{ ...section, id: `${section.id}${suffix}` }],
  );
}

/** Versions, prompt, engine, budget: what makes a row this row. */
function Details({ board }: { board: Board }) {
  const rows = board.rows.filter(({ detail }) => detail !== '');
  if (rows.length === 0) return null;
  return (
    <details class="more">
      <summary>Versions, prompts and budgets of the entries</summary>
      <ul class="small">
        {rows.map(({ label, detail }) => (
          <li>
            <strong>{plainText(label)}</strong> {plainText(detail)}
          </li>
        ))}
      </ul>
    </details>
  );
}

function scoresSection(leaderboard: Leaderboard, board: Board, suffix: string): PageSection {
  const form = rulesOf(leaderboard, board.rules)?.form ?? 'speedup';
  const names = rowNames(board);
  const several = board.scenarios.length > 1;
  const shown = [
    ...(board.complete && several ? ['aggregate'] : []),
    ...board.scenarios.map(({ id }) => id),
  ];
  return {
    id: 'scores',
    title: several ? 'Scores by scenario' : 'Scores',
    short: 'Scores',
    body: (
      <div class="figures">
        {shown.map((id) => {
          const title = id === 'aggregate' ? 'Aggregate' : scenarioName(board, id);
          const rows = (board.standings[id] ?? []).flatMap((standing) => {
            const row = board.rows.find((one) => one.id === standing.row);
            const summary =
              id === 'aggregate'
                ? row?.aggregate
                : row?.cells.find(({ scenario }) => scenario === id)?.score;
            if (!summary) return [];
            const { mean, low, high } = summary;
            const name = names.get(standing.row) ?? standing.row;
            const text = `${meanText(summary, form)}, rank ${rankText(standing)}, ${standing.groups}`;
            return [{ name, mean, low, high, text }];
          });
          if (rows.length === 0) return null;
          return (
            <Figure
              id={`scores-${id}${suffix}`}
              title={title}
              says={`Highest of ${rows.length}: ${rows[0]?.name}, ${scoreText(rows[0]?.mean ?? null, form)}.`}
              caption="Bar: mean. Whisker: 95 % interval, an arrow where it goes on; none where the runs do not allow one."
              table={scenarioTable(leaderboard, board, id)}
            >
              <ScoreChart
                id={`scores-${id}${suffix}-chart`}
                title={title}
                desc={rows.map(({ name, text }) => `${name}: ${text}.`).join(' ')}
                form={form}
                rows={rows}
              />
            </Figure>
          );
        })}
      </div>
    ),
  };
}

function outcomesSection(board: Board, suffix: string): PageSection {
  const names = rowNames(board);
  const rows = board.rows.map((row) => ({
    name: names.get(row.id) ?? row.label,
    counts: Object.fromEntries(
      trialOutcomes.map((kind) => [kind, countOf(row, kind)]),
    ) as Parameters<typeof countsText>[0],
  }));
  const kinds = trialOutcomes.filter((kind) => rows.some(({ counts }) => counts[kind] > 0));
  return {
    id: 'outcomes',
    title: 'Outcomes',
    body: (
      <>
        <ul class="legend" aria-label="Outcomes">
          {kinds.map((kind) => (
            <li>
              <svg class="o-box" viewBox="0 0 16 10" aria-hidden="true">
                <rect class={`o-${kind}`} x="0.5" y="0.5" width="15" height="9" />
              </svg>{' '}
              {outcomeWords[kind]}
            </li>
          ))}
        </ul>
        <div class="figures">
          <Figure
            id={`outcome-bars${suffix}`}
            title="What came of the trials"
            caption="Infra errors are of the machine or the arena: they are not scored and count for nobody."
            table={outcomeTable(board)}
          >
            <OutcomeChart
              id={`outcome-bars${suffix}-chart`}
              title="Outcomes by entry"
              desc={rows.map(({ name, counts }) => `${name}: ${countsText(counts)}.`).join(' ')}
              rows={rows}
            />
          </Figure>
        </div>
      </>
    ),
  };
}

function foundSection(leaderboard: Leaderboard, board: Board, suffix: string): PageSection | null {
  const form = rulesOf(leaderboard, board.rules)?.form ?? 'speedup';
  const names = rowNames(board);
  const figures = board.scenarios.flatMap(({ id }, column) => {
    const rows = board.rows.flatMap((row) => {
      const cell = row.cells[column];
      if (!cell || cell.score === null || cell.found === null) return [];
      const text = `${scoreText(cell.score.mean, form)} → ${scoreText(cell.found, form)}`;
      const name = names.get(row.id) ?? row.label;
      return [{ name, submitted: cell.score.mean, found: cell.found, text }];
    });
    return rows.length === 0 ? [] : [{ id, rows }];
  });
  if (figures.length === 0) return null;
  return {
    id: 'found',
    title: 'Found and submitted',
    short: 'Found',
    body: (
      <>
        <p class="lede">
          Disc: mean score of what was submitted. Ring: mean of the best that a run had measured and
          passed on its way. The line between them was found and lost.
        </p>
        <div class="figures">
          {figures.map(({ id, rows }) => (
            <Figure
              id={`found-${id}${suffix}`}
              title={scenarioName(board, id)}
              caption="A run that submits its best has disc and ring in one place."
              table={foundTable(leaderboard, board)}
            >
              <FoundChart
                id={`found-${id}${suffix}-chart`}
                title={`Submitted and found, ${scenarioName(board, id)}`}
                desc={rows.map(({ name, text }) => `${name}: ${text}.`).join(' ')}
                form={form}
                rows={rows}
              />
            </Figure>
          ))}
        </div>
      </>
    ),
  };
}
