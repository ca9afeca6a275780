export {
  type CalibrationStart,
  type ConcurrencyCalibration,
  calibrateConcurrency,
} from './calibrate-concurrency.ts';
export { checklistOf } from './checklist/checklist.ts';
export {
  type BlocksOptions,
  orderOf,
  runBlocks,
  type Turn,
  type TurnResult,
} from './compare-blocks.ts';
export {
  type Conduct,
  type ConductPorts,
  conductLevel,
  createConduct,
  type Launched,
  type LevelAsked,
  lengthOf,
  type ReusedLevel,
} from './conduct.ts';
export type { ProtocolContext, SummaryContext, TokenCheck } from './context.ts';
export { decideExit, type ExitFacts } from './decide-exit.ts';
export { findKnees, mainKnee } from './find-knees.ts';
export { goodputKeys, headlineLevel, headlineMetrics } from './headline.ts';
export { judgeSlos } from './judge-slos.ts';
export { noteFirstLaunch, repeatLaunches } from './launches.ts';
export { measureLevel, summarizeRun } from './measure-level.ts';
export { defaultMethod, levelDurationS, type MethodSettings } from './method-settings.ts';
export { createPatience, type Patience } from './patience.ts';
export { type PlanOptions, planCapacity } from './plan/plan-capacity.ts';
export type { PlanLength, Planner } from './planner.ts';
export { type LoadProbe, probeLoad } from './probe-capacity.ts';
export { type QuickLookLevel, sizeQuickLook } from './quick-look.ts';
export { type RunWideDefinition, runWideDefinitions } from './run-wide.ts';
export { sustain } from './sustain.ts';
export {
  articleRates,
  probeCapacity,
  startOfSearch,
  sweepArticle,
  sweepAuto,
  sweepRates,
} from './sweep.ts';
export { warmUp } from './warm-up.ts';
