/** Latency limits a request has to meet, milliseconds; null = no limit on that metric. */
export interface SloTemplate {
  id: string;
  ttftMs: number | null;
  tpotMs: number | null;
  e2eMs: number | null;
  /** Share of requests that must be within every limit: 0.99 for "p99". */
  quantile: number;
}

/** The templates of the llm.inference document (p99 TTFT / p99 TPOT). */
export const sloTemplates: readonly SloTemplate[] = [
  { id: 'llm.standard', ttftMs: 300, tpotMs: 50, e2eMs: null, quantile: 0.99 },
  { id: 'llm.realtime', ttftMs: 100, tpotMs: 30, e2eMs: null, quantile: 0.99 },
  { id: 'llm.batch', ttftMs: null, tpotMs: 200, e2eMs: null, quantile: 0.99 },
];
