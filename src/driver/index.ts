export { createLiveStats, type LiveStats } from './live-stats.ts';
export { type RunLevelOptions, runLevel } from './run-level.ts';
