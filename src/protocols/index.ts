export {
  type CalibrationStart,
  type ConcurrencyCalibration,
  calibrateConcurrency,
} from './calibrate-concurrency.ts';
export type { ProtocolContext, SummaryContext, TokenCheck } from './context.ts';
export { decideExit, type ExitFacts } from './decide-exit.ts';
export { headlineLevel, headlineMetrics } from './headline.ts';
export { measureLevel, summarizeRun } from './measure-level.ts';
export { type LoadProbe, probeLoad } from './probe-capacity.ts';
export { describeCapacity, type QuickLookLevel, sizeQuickLook } from './quick-look.ts';
