import type { LevelRun, RequestRecord, TimeTotal, ViewFigures } from '../../model/index.ts';
import { outputTokensOf } from '../../model/index.ts';
import { spreadOf } from './view-spread.ts';

export type ViewKey = 'ttft' | 'e2e' | 'tpot';

/**
 * The engine's mean beside the mean of the same wait as this client saw it, over the requests whose
 * first token (TTFT) or end (E2E, TPOT) fell between the same two readings. The client's wait begins at
 * the actual send: what a request waited in the client before that is no part of it.
 *
 * @param engine what the engine's sum, count and buckets grew by between the readings
 * @returns null where either side counted no request
 */
export function clientView(
  run: LevelRun,
  key: ViewKey,
  engine: TimeTotal,
  fromUs: number,
  toUs: number,
): ViewFigures | null {
  const waitsMs: number[] = [];
  for (const record of run.records) {
    const untilUs = key === 'ttft' ? record.firstTokenUs : record.lastTokenUs;
    if (untilUs === null || untilUs <= fromUs || untilUs > toUs) continue;
    const waitUs = waitOf(record, key, untilUs);
    if (waitUs !== null) waitsMs.push(waitUs / 1000);
  }
  if (waitsMs.length === 0 || engine.count <= 0) return null;
  const engineMs = (1000 * engine.sumS) / engine.count;
  const clientMs = waitsMs.reduce((a, b) => a + b, 0) / waitsMs.length;
  const spread = spreadOf(waitsMs, engine);
  return {
    engineMs,
    clientMs,
    outsideMs: clientMs - engineMs,
    engineRequests: engine.count,
    clientRequests: waitsMs.length,
    // Tokens that were held back come faster than they were made: being ahead is possible there.
    spread: spread !== null && key === 'tpot' ? { ...spread, ahead: null } : spread,
  };
}

/** Microseconds; null where the engine would not count the request either. */
function waitOf(record: RequestRecord, key: ViewKey, untilUs: number): number | null {
  const { sentUs, firstTokenUs, outcome } = record;
  // An engine enters a request that was cut off in neither histogram, or only in the first.
  if (sentUs === null || (key !== 'ttft' && outcome !== 'ok')) return null;
  if (key !== 'tpot') return untilUs - sentUs;
  const tokens = outputTokensOf(record);
  if (firstTokenUs === null || tokens === null || tokens < 2) return null;
  return (untilUs - firstTokenUs) / (tokens - 1);
}
