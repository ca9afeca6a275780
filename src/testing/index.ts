export { type ArrivalShape, type ArrivalSubject, arrivalCases } from './arrival-cases.ts';
export { type Case, type CaseResult, runCases, type SelectedCase, selectCases } from './case.ts';
export { type DatasetSubject, datasetCases } from './dataset-cases.ts';
export { type EngineSubject, engineCases } from './engine-cases.ts';
export { createGoldenResults, type GoldenResult } from './golden-results.ts';
export { metricCases } from './metric-cases.ts';
export { type ReportMedium, type ReportSubject, reportCases } from './report-cases.ts';
export { createSampleLevel, edgeLevels, type SampleLevel } from './sample-levels.ts';
