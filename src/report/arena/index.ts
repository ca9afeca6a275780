export { renderLeaderboardHtml } from './html.tsx';
export { renderScoresMarkdown } from './markdown.ts';
export { renderScenario, renderScenarioList } from './scenario.ts';
export { renderLeaderboard, renderScores } from './terminal.ts';
