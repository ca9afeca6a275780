export { createProbeContexts, type ProbedServer } from './context.ts';
export { askFirst, closesConnections, type FirstRequestDeps } from './first-request.ts';
export { isRejected, rejectedField } from './optional-fields.ts';
export type { Probe, ProbeSizes } from './probe.ts';
export { probes } from './probes/index.ts';
export { type ProbedRows, runProbes } from './run-probes.ts';
