import type { Leaderboard } from '../../model/index.ts';
import { plainText } from '../format.ts';
import { createPaint } from '../terminal/paint.ts';
import { hangingLines, wrapText } from '../terminal/wrap.ts';
import { foundTable, outcomeTable, scenarioTable, standingTable, trialTable } from './tables.ts';
import { textTable } from './text-table.ts';
import { boardTitle, doubtText, readingLines, remarks, rulesOf, trialsOf } from './words.ts';

interface TerminalOptions {
  columns: number;
  color: boolean;
}

/** What `bench arena leaderboard` prints: a board after the other. */
export function renderLeaderboard(leaderboard: Leaderboard, options: TerminalOptions): string {
  const paint = createPaint(options.color);
  const columns = Math.max(60, options.columns);
  const lines = leaderboard.boards.flatMap((board) => {
    const rules = rulesOf(leaderboard, board.rules);
    const details = board.rows.filter(({ detail }) => detail !== '');
    return [
      ...wrapText(plainText(boardTitle(board)), columns).map(paint.bold),
      ...wrapText(plainText(`Reference: ${board.reference}`), columns),
      '',
      ...textTable(standingTable(leaderboard, board), paint),
      '',
      ...textTable(outcomeTable(board), paint),
      '',
      ...textTable(foundTable(leaderboard, board), paint),
      '',
      ...details.flatMap(({ label, detail }) =>
        hangingLines(`${plainText(label)}: `, plainText(detail), columns),
      ),
      ...board.doubts.flatMap((doubt) =>
        hangingLines('doubt ', plainText(doubtText(doubt)), columns).map(paint.yellow),
      ),
      '',
      ...(rules === undefined ? [] : wrapText(readingLines(rules).join(' '), columns)).map(
        paint.dim,
      ),
      '',
    ];
  });
  return `${lines.join('\n').trimEnd()}\n`;
}

/** What `bench arena score` prints: every trial, then the repeats taken together. */
export function renderScores(leaderboard: Leaderboard, options: TerminalOptions): string {
  const paint = createPaint(options.color);
  const columns = Math.max(60, options.columns);
  const lines: string[] = [];
  for (const board of leaderboard.boards) {
    const trials = trialsOf(leaderboard, board);
    const { head, rows, caption } = trialTable(leaderboard, trials);
    const last = head.length - 1;
    lines.push(
      ...wrapText(plainText(boardTitle(board)), columns).map(paint.bold),
      '',
      // Remarks are sentences: below the table, under the trial's name.
      ...textTable(
        { caption, head: head.slice(0, last), rows: rows.map((row) => row.slice(0, last)) },
        paint,
        [1, 2, 4],
      ),
      '',
      ...trials.flatMap((trial) =>
        remarks(trial) === ''
          ? []
          : hangingLines(`${plainText(trial.trialId)}: `, plainText(remarks(trial)), columns),
      ),
      '',
    );
    for (const { id } of board.scenarios) {
      lines.push(...textTable(scenarioTable(leaderboard, board, id), paint, [4, 6]), '');
    }
    if (board.complete && board.scenarios.length > 1) {
      lines.push(...textTable(scenarioTable(leaderboard, board, 'aggregate'), paint, [4, 6]), '');
    }
    const rules = rulesOf(leaderboard, board.rules);
    if (rules) lines.push(...wrapText(readingLines(rules).join(' '), columns).map(paint.dim), '');
  }
  return `${lines
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trimEnd()}\n`;
}
