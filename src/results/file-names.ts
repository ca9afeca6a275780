/** Files of a result folder, relative to it. */
export const envelopeFile = 'envelope.json';
export const recordsFile = 'records.bin';
export const requestsFile = 'requests.jsonl';
export const planFile = 'plan.jsonl';
/** In place of records.bin, in results from before there was one. */
export const oldChunksFile = 'chunks.bin';
/** What the engine's metrics pages said, scrape by scrape. */
export const engineMetricsFile = 'engine-metrics.jsonl';
