export { openDcgmProbe } from './dcgm/dcgm-probe.ts';
export { explainKnee } from './engine-metrics/explain-knee.ts';
export {
  type EngineSource,
  findEngineSource,
  type MetricsPage,
} from './engine-metrics/find-source.ts';
export { judgeViews } from './engine-metrics/judge-views.ts';
export { readEngine } from './engine-metrics/read-engine.ts';
export { readEngineSamples } from './engine-metrics/read-series-log.ts';
export type { SeriesLine } from './engine-metrics/series-log.ts';
export { type EngineWatch, watchEngine } from './engine-metrics/watch-engine.ts';
export { joinServerLog } from './server-log/join-server-log.ts';
export { readServerLog } from './server-log/read-server-log.ts';
