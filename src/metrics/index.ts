export { concurrencyReached } from './concurrency.ts';
export { keysOf, type MetricDefinition } from './definition.ts';
export { metricDefinitions } from './definitions/index.ts';
export {
  chunkGapsMs,
  e2eMs,
  e2eServiceMs,
  tokenGapsMs,
  tpotMs,
  ttftMs,
  ttftServiceMs,
} from './request-latency.ts';
export { isShortOutput, isSloMet, requestMeetsSlo } from './slo.ts';
export { metricKeys, type SummarizeOptions, summarizeLevel } from './summarize-level.ts';
