import type { LevelRun, TimeTotal, ViewFigures } from '../../model/index.ts';

/**
 * The engine's mean beside the mean of the same wait as this client saw it, over the requests whose
 * first token (TTFT) or end (E2E) fell between the same two readings. The client's wait begins at
 * the actual send: what a request waited in the client before that is no part of it.
 *
 * @param engine what the engine's sum and count grew by between the readings
 * @returns null where either side counted no request
 */
export function clientView(
  run: LevelRun,
  key: 'ttft' | 'e2e',
  engine: TimeTotal,
  fromUs: number,
  toUs: number,
): ViewFigures | null {
  let clientRequests = 0;
  let sumUs = 0;
  for (const record of run.records) {
    const { sentUs, outcome } = record;
    const untilUs = key === 'ttft' ? record.firstTokenUs : record.lastTokenUs;
    // An engine enters a request that was cut off in neither histogram, or only in the first.
    if (sentUs === null || untilUs === null || (key === 'e2e' && outcome !== 'ok')) continue;
    if (untilUs <= fromUs || untilUs > toUs) continue;
    clientRequests++;
    sumUs += untilUs - sentUs;
  }
  if (clientRequests === 0 || engine.count <= 0) return null;
  const engineMs = (1000 * engine.sumS) / engine.count;
  const clientMs = sumUs / clientRequests / 1000;
  return {
    engineMs,
    clientMs,
    outsideMs: clientMs - engineMs,
    engineRequests: engine.count,
    clientRequests,
  };
}
