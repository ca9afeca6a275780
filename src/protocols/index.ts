export {
  type CalibrationStart,
  type ConcurrencyCalibration,
  calibrateConcurrency,
} from './calibrate-concurrency.ts';
export type { ProtocolContext, SummaryContext, TokenCheck } from './context.ts';
export { decideExit, type ExitFacts } from './decide-exit.ts';
export { headlineLevel, headlineMetrics, runWideKeys, runWideMetrics } from './headline.ts';
export { judgeLevel } from './judge-level.ts';
export { measureLevel, summarizeRun } from './measure-level.ts';
export { type LoadProbe, probeLoad, summarizeProbe } from './probe-capacity.ts';
export { describeCapacity, type QuickLookLevel, sizeQuickLook } from './quick-look.ts';
