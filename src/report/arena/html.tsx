import { render } from 'preact-render-to-string';
import type { Board, Leaderboard } from '../../model/index.ts';
import { plainText } from '../format.ts';
import { Document, type PageSection } from '../html/document.tsx';
import { boardSections } from './sections.tsx';
import { arenaStyles } from './styles.ts';
import { boardTitle, mainStanding, rowNames, rulesOf, scoreText } from './words.ts';

/** The leaderboard as one self-contained page: no request leaves it, styles and data are inside. */
export function renderLeaderboardHtml(leaderboard: Leaderboard): string {
  return `<!doctype html>\n${render(<Page leaderboard={leaderboard} />)}\n`;
}

function Page({ leaderboard }: { leaderboard: Leaderboard }) {
  const { boards, trials, tool } = leaderboard;
  const sections: PageSection[] = boards.flatMap((board, at) =>
    boardSections(leaderboard, board, boards.length === 1 ? '' : `-${at + 1}`),
  );
  const infra = trials.filter(({ outcome }) => outcome === 'infra_error').length;
  return (
    <Document
      title="Arena leaderboard · InferenceBench"
      name="Arena"
      styles={arenaStyles}
      header={
        <>
          <p class="kicker">InferenceBench arena leaderboard</p>
          <h1>{headline(leaderboard, boards)}</h1>
          {boards.map((board) => (
            <p class="sub">
              {plainText(boardTitle(board))}; reference {plainText(board.reference)}; rules{' '}
              <span class="mono">{board.rules}</span>
            </p>
          ))}
          <p class="sub">
            {trials.length} trials
            {infra > 0 && `, ${infra} of them not scored: infra errors`}
          </p>
          {boards.some((board) => board.class !== 'full') && (
            <p class="banner">
              <strong>Small class.</strong> Its scores are not comparable with other machines, other
              models or the full class.
            </p>
          )}
        </>
      }
      sections={sections}
      footer={
        <>
          inferencebench {tool.version} · this page holds its data as JSON in{' '}
          <span class="mono">#leaderboard</span>
        </>
      }
      data={{ id: 'leaderboard', value: leaderboard }}
    />
  );
}

/** Who is first, and with whom the first place is shared as far as the repeats can tell. */
function headline(leaderboard: Leaderboard, boards: readonly Board[]): string {
  const [board, ...more] = boards;
  if (board === undefined) return 'No trials';
  if (more.length > 0) return `${boards.length} boards, not comparable with each other`;
  const { standings, by } = mainStanding(board);
  const [first] = standings;
  const row = board.rows.find(({ id }) => id === first?.row);
  if (first === undefined || row === undefined) return 'No scored trial';
  const form = rulesOf(leaderboard, board.rules)?.form;
  const summary =
    by === 'aggregate'
      ? row.aggregate
      : (row.cells.find(({ scenario }) => scenario === by)?.score ?? null);
  const name = rowNames(board).get(row.id) ?? row.label;
  const score = scoreText(summary?.mean ?? null, form);
  const shared = standings.filter(({ low }) => low === 1).length - 1;
  const ties = shared === 0 ? '' : `; ${shared} more may be first as well`;
  return `${name} leads with ${score}${ties}`;
}
