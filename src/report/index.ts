export * from './arena/index.ts';
export * from './comparison/index.ts';
export * from './conformance/index.ts';
export { renderHtml } from './html/html-report.ts';
export { shellQuote, sloText } from './identity.ts';
export { toStdoutObject } from './json/stdout-object.ts';
export { createLivePanel, type RunReporter } from './live/live-panel.ts';
export { createPlainReporter } from './live/plain-reporter.ts';
export { peerResultOf } from './peers/peer-result.ts';
export {
  renderPeer,
  renderPeerCsv,
  renderPeerMarkdown,
  toPeerObject,
} from './peers/render-peer.ts';
export { renderPlan, renderPlanMarkdown } from './plan/render-plan.ts';
export type { Report, ReportInput } from './report.ts';
export { reports } from './reports.ts';
export { renderServerLog } from './terminal/render-server-log.ts';
export { renderSummary, type SummaryOptions } from './terminal/render-summary.ts';
export { toVllmBenchJson, type VllmBenchOptions } from './vllm/vllm-bench-json.ts';
