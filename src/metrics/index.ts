export { concurrencyReached } from './concurrency.ts';
export { keysOf, type MetricDefinition } from './definition.ts';
export { metricDefinitions } from './definitions/index.ts';
export { isShortOutput, isSloMet, requestMeetsSlo } from './slo.ts';
export { metricKeys, type SummarizeOptions, summarizeLevel } from './summarize-level.ts';
