export {
  listArenaScenarios,
  runArenaLeaderboard,
  runArenaScore,
  showArenaScenario,
} from './arena/arena-commands.ts';
export type * from './arena/arena-settings.ts';
export { runArenaJudge } from './arena/judge/judge-command.ts';
export type * from './arena/judge/judge-settings.ts';
export { resumeArenaRun, runArenaRun } from './arena/run/run-command.ts';
export type { ArenaRunSettings } from './arena/run/run-settings.ts';
export { runScenarioCheck } from './arena/scenario-check/check-command.ts';
export type { ScenarioCheckSettings } from './arena/scenario-check/check-settings.ts';
export type * from './compare/compare-settings.ts';
export { runCompare } from './compare/run-compare.ts';
export type * from './conform/conform-settings.ts';
export { runConform } from './conform/run-conform.ts';
export { diagnoseEngine, runDoctorCommand } from './doctor-commands.ts';
export {
  installEngine,
  listEngines,
  showEngineLog,
  startEngine,
  stopEngine,
} from './engine-commands.ts';
export { convertModelCommand, listModels, pullModel } from './model-commands.ts';
export { runPlan } from './plan-command.ts';
export { runInference } from './run-inference.ts';
export { runSelftest } from './selftest/selftest-command.ts';
export type * from './settings.ts';
export { showResult, writeReport } from './show-result.ts';
