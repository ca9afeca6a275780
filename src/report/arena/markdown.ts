import type { Leaderboard } from '../../model/index.ts';
import { escapeMarkdown, renderTable } from '../markdown/markup.ts';
import { outcomeTable, scenarioTable, standingTable, trialTable } from './tables.ts';
import { boardTitle, doubtText, readingLines, rulesOf, trialsOf } from './words.ts';

/** Scores as Markdown, for notes and reviews: standings, trials, how to read them. */
export function renderScoresMarkdown(leaderboard: Leaderboard): string {
  const lines = leaderboard.boards.flatMap((board) => {
    const rules = rulesOf(leaderboard, board.rules);
    return [
      `## ${escapeMarkdown(boardTitle(board))}`,
      '',
      `Reference: ${escapeMarkdown(board.reference)}`,
      '',
      ...renderTable(standingTable(leaderboard, board)),
      '',
      ...board.scenarios.flatMap(({ id }) => [
        ...renderTable(scenarioTable(leaderboard, board, id)),
        '',
      ]),
      ...renderTable(outcomeTable(board)),
      '',
      ...renderTable(trialTable(leaderboard, trialsOf(leaderboard, board)), [1, 2, 3, 4, 7]),
      '',
      ...board.doubts.map((doubt) => `- **doubt** ${escapeMarkdown(doubtText(doubt))}`),
      '',
      ...(rules === undefined ? [] : readingLines(rules).map(escapeMarkdown)),
      '',
    ];
  });
  return `${lines
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trimEnd()}\n`;
}
