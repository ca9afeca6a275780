export { runInference } from './run-inference.ts';
export type { EngineStartSettings, RunSettings } from './settings.ts';
export { showResult, writeReport } from './show-result.ts';
