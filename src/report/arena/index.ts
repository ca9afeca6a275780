export { renderLeaderboardHtml } from './html.tsx';
export { renderJudgement } from './judgement.ts';
export { renderScoresMarkdown } from './markdown.ts';
export { renderScenario, renderScenarioList } from './scenario.ts';
export { renderScenarioCheck } from './scenario-check.ts';
export { renderLeaderboard, renderScores } from './terminal.ts';
export { renderTrialHtml } from './trial-page.tsx';
