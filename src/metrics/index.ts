export type { ChunkFigures } from './chunk-figures.ts';
export * from './comparison/index.ts';
export { concurrencyReached } from './concurrency.ts';
export {
  type ChunkDistribution,
  type DistributionMetric,
  keysOf,
  type MetricDefinition,
  type RequestDistribution,
} from './definition.ts';
export { metricDefinitions } from './definitions/index.ts';
export type { FillValues, GroupValues } from './group-values.ts';
export { factsOf } from './level-facts.ts';
export { levelMachine } from './level-machine.ts';
export { type MetricInfo, metricInfo } from './metric-info.ts';
export { peerTools } from './peers/index.ts';
export type { PeerDifference, PeerMetric, PeerTool } from './peers/peer-tool.ts';
export {
  aggregateVllm,
  maxConcurrentRequests,
  maxOutputTokensPerS,
  type VllmMetric,
  type VllmRequest,
} from './peers/vllm/aggregates.ts';
export { vllmTotals } from './peers/vllm/totals.ts';
export { toVllmRequest } from './peers/vllm/vllm-request.ts';
export { levelPower } from './power.ts';
export { tpotMs, ttftMs } from './request-latency.ts';
export type { SelectedRequests } from './selected-requests.ts';
export {
  type Attainment,
  attainment,
  attainmentCurve,
  isShortOutput,
  requestMeetsSlo,
} from './slo.ts';
export { metricKeys, type SummarizeOptions, summarizeLevel } from './summarize-level.ts';
