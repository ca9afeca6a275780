export type { RunValue } from './effects.ts';
export { compareBlocks, compareRuns, type JudgeOptions } from './judge-metrics.ts';
export { compareToggle, optimisationIds, toggleMetrics } from './optimisations.ts';
export { regressionGate } from './regression-gate.ts';
