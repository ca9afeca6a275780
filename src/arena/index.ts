export { findScenario, listScenarios, type StoredScenario } from './scenario/read-scenario.ts';
export { buildLeaderboard } from './scoring/build-leaderboard.ts';
export { findRules, readRulesFile } from './scoring/read-rules.ts';
export { scoreTrial } from './scoring/score-trial.ts';
export { findTrials, readTrial } from './trial/read-trial.ts';
