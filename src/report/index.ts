export { renderHtml } from './html/html-report.ts';
export { toStdoutObject } from './json/stdout-object.ts';
export { createLivePanel, type RunReporter } from './live/live-panel.ts';
export { createPlainReporter } from './live/plain-reporter.ts';
export type { Report, ReportInput } from './report.ts';
export { reports } from './reports.ts';
export { renderSummary, type SummaryOptions } from './terminal/render-summary.ts';
export { toVllmBenchJson, type VllmBenchOptions } from './vllm/vllm-bench-json.ts';
