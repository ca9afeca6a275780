export { type CheckSoFar, checkScenario, type FolderToTry } from './acceptance/check-scenario.ts';
export { measureNoiseFloor, type VariantToMeasure } from './acceptance/measure-noise-floor.ts';
export { checkQuestionSet } from './acceptance/question-set.ts';
export { findAgent } from './agents/find-agent.ts';
export { type QuestionSet, shippedQuestions } from './checks/questions.ts';
export { readQuestions } from './checks/read-questions.ts';
export { createGroundLog, type GroundLog } from './judge/ground.ts';
export { judgeSubmission } from './judge/judge-submission.ts';
export type * from './judge/opinion.ts';
export type * from './judge/order.ts';
export type * from './judge/ports.ts';
export { requireModel, storableReference } from './judge/stored-reference.ts';
export { type TrialLabel, trialOf } from './judge/trial-of.ts';
export {
  type EnginesFolder,
  makeEnginesFolder,
  mountsOfPython,
  type OfferedEngine,
} from './phase/engines-folder.ts';
export { type StartingPoint, startingPoints } from './phase/workspace.ts';
export { lockTrial } from './run/lock-trial.ts';
export { orderFile } from './run/places.ts';
export { createPreview } from './run/preview-submission.ts';
export { runTrial } from './run/run-trial.ts';
export type { TrialSetup } from './run/trial-setup.ts';
export { launcherFolder } from './scenario/launcher-folder.ts';
export {
  findScenario,
  isScenarioPath,
  listScenarios,
  type StoredScenario,
} from './scenario/read-scenario.ts';
export { buildLeaderboard } from './scoring/build-leaderboard.ts';
export { fewQuestions } from './scoring/doubts.ts';
export { findRules, readRulesFile } from './scoring/read-rules.ts';
export { scoreTrial } from './scoring/score-trial.ts';
export { commitmentLine } from './trial/commitment.ts';
export { findTrials, readTrial, trialFile } from './trial/read-trial.ts';
export { trialSchema } from './trial/trial-schema.ts';
