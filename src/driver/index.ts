export { createLiveStats, type LiveStats } from './live-stats.ts';
export { createInlineLoad, type LoadOptions, type RunLoad } from './load-port.ts';
export { type RunLevelOptions, runLevel } from './run-level.ts';
export { type StopRule, stopRule } from './stop-rules.ts';
