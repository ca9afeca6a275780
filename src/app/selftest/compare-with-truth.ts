import type { ErrorFigures, RequestRecord } from '../../model/index.ts';
import type { TruthRecord } from '../../sim/index.ts';
import { mean, quantile, sortedCopy } from '../../stats/index.ts';

/** Errors of one level, request by request and token by token. */
export interface TruthErrors {
  /** Requests found on both sides with the same number of chunks. */
  joined: number;
  ttft: ErrorFigures;
  itl: ErrorFigures;
  e2e: ErrorFigures;
  send: ErrorFigures;
  /** Requests at the server at once, at most. */
  inFlightReached: number;
}

/**
 * Holds what the client recorded against what the server wrote down, joined by request id.
 * Durations are compared, each taken on its own side's clock, so the two clocks need not agree:
 * TTFT and E2E from the client's send against the server's arrival, ITL gap by gap.
 */
export function compareWithTruth(
  records: readonly RequestRecord[],
  truth: readonly TruthRecord[],
): TruthErrors {
  const byId = new Map(truth.map((entry) => [entry.requestId, entry]));
  const ttft: number[] = [];
  const itl: number[] = [];
  const e2e: number[] = [];
  const send: number[] = [];
  let joined = 0;
  for (const record of records) {
    const entry = byId.get(record.requestId);
    if (!record.counted || record.outcome !== 'ok' || record.sentUs === null) continue;
    send.push((record.sentUs - record.connectUs - record.intendedUs) / 1000);
    const { atUs } = record.chunks;
    if (entry === undefined || entry.tokens.length !== atUs.length || atUs.length === 0) continue;
    joined += 1;
    const trueAt = entry.tokens.map((token) => token.atUs - entry.receivedUs);
    const said = Array.from(
      { length: atUs.length },
      (_, i) => (atUs[i] ?? 0) - (record.sentUs ?? 0),
    );
    ttft.push(((said[0] ?? 0) - (trueAt[0] ?? 0)) / 1000);
    e2e.push(((said.at(-1) ?? 0) - (trueAt.at(-1) ?? 0)) / 1000);
    for (let i = 1; i < said.length; i++) {
      const saidGap = (said[i] ?? 0) - (said[i - 1] ?? 0);
      itl.push((saidGap - ((trueAt[i] ?? 0) - (trueAt[i - 1] ?? 0))) / 1000);
    }
  }
  const ids = new Set(records.filter((r) => r.counted).map((r) => r.requestId));
  return {
    joined,
    ttft: errorFigures(ttft),
    itl: errorFigures(itl),
    e2e: errorFigures(e2e),
    send: errorFigures(send),
    inFlightReached: peakInFlight(
      truth.filter((t) => t.requestId !== null && ids.has(t.requestId)),
    ),
  };
}

function errorFigures(errorsMs: readonly number[]): ErrorFigures {
  const sorted = sortedCopy(errorsMs.map(Math.abs));
  return { meanMs: mean(sorted) ?? null, p99Ms: quantile(sorted, 0.99) ?? null };
}

function peakInFlight(truth: readonly TruthRecord[]): number {
  const edges = truth.flatMap((entry) => [
    { atUs: entry.receivedUs, by: 1 },
    { atUs: entry.endUs ?? Number.POSITIVE_INFINITY, by: -1 },
  ]);
  // At the same instant a request ends before the next begins.
  edges.sort((a, b) => a.atUs - b.atUs || a.by - b.by);
  let now = 0;
  let peak = 0;
  for (const { by } of edges) {
    now += by;
    peak = Math.max(peak, now);
  }
  return peak;
}
