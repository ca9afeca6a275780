import type { JoinedSpread, JoinedWait, RequestRecord, ServerLogJoin } from '../../model/index.ts';
import type { ServerLogEntry } from './read-server-log.ts';

/** Clocks and one event loop: so much earlier a client may be, milliseconds. */
const slackMs = 3;

/** A run's records beside what the server's log says of the same requests. */
export function joinServerLog(
  records: readonly RequestRecord[],
  entries: ReadonlyMap<string, ServerLogEntry>,
): ServerLogJoin {
  const sent = records.filter(({ sentUs }) => sentUs !== null);
  const missing = sent.filter(({ requestId }) => !entries.has(requestId));
  const wait = (
    name: JoinedWait['name'],
    serverOf: (entry: ServerLogEntry) => number | null,
    untilUs: ((record: RequestRecord) => number | null) | null,
  ): JoinedWait[] => {
    const server: number[] = [];
    const client: number[] = [];
    for (const record of sent) {
      const entry = entries.get(record.requestId);
      const serverMs = entry === undefined ? null : serverOf(entry);
      if (serverMs === null) continue;
      const until = untilUs?.(record) ?? null;
      // Both ends of the same request, or neither.
      if (untilUs !== null && (until === null || record.sentUs === null)) continue;
      server.push(serverMs);
      if (until !== null && record.sentUs !== null) client.push((until - record.sentUs) / 1000);
    }
    if (server.length === 0) return [];
    const outside = client.map((ms, i) => ms - (server[i] ?? 0));
    return [
      {
        name,
        requests: server.length,
        server: spreadOf(server),
        client: untilUs === null ? null : spreadOf(client),
        outside: untilUs === null ? null : spreadOf(outside),
        impossible: outside.filter((ms) => ms < -slackMs).length,
      },
    ];
  };
  return {
    sent: sent.length,
    found: sent.length - missing.length,
    missing: missing.map(({ requestId, outcome }) => ({ requestId, outcome })),
    waits: [
      ...wait(
        'TTFT',
        ({ ttftMs }) => ttftMs,
        ({ firstTokenUs }) => firstTokenUs,
      ),
      ...wait(
        'E2E',
        ({ e2eMs }) => e2eMs,
        ({ lastTokenUs, outcome }) => (outcome === 'ok' ? lastTokenUs : null),
      ),
      ...wait('Queue', ({ queueMs }) => queueMs, null),
    ],
  };
}

function spreadOf(values: readonly number[]): JoinedSpread {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = (p: number) => sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)] ?? 0;
  return { minMs: rank(0), p50Ms: rank(0.5), p90Ms: rank(0.9), maxMs: rank(1) };
}
