import type { RequestRecord } from '../model/index.ts';
import { RecordView } from '../records/index.ts';

/**
 * One line of requests.jsonl, line feed included. Put together by hand: `JSON.stringify` of the
 * whole takes three times as long, and the line is made while the level runs.
 */
export function requestLine(record: RequestRecord): string {
  const rows = record instanceof RecordView ? record.chunkRows : record.chunks.atUs.length;
  return `{"level":${record.level},"index":${record.index},"requestId":${JSON.stringify(record.requestId)},"counted":${record.counted},"intendedUs":${record.intendedUs},"sentUs":${record.sentUs},"connectUs":${record.connectUs},"dnsUs":${record.dnsUs ?? 0},"tlsUs":${record.tlsUs ?? 0},"writtenUs":${record.writtenUs ?? null},"targetIndex":${record.targetIndex ?? 0},"headersUs":${record.headersUs},"firstByteUs":${record.firstByteUs},"firstChunkUs":${record.firstChunkUs},"firstTokenUs":${record.firstTokenUs},"lastTokenUs":${record.lastTokenUs},"endUs":${record.endUs},"outcome":"${record.outcome}","status":${record.status},"error":${JSON.stringify(record.error)},"finishReason":${JSON.stringify(record.finishReason)},"done":${record.done},"inputTokensAsked":${record.inputTokensAsked},"outputTokensAsked":${record.outputTokensAsked},"inputTokensUsage":${record.inputTokensUsage},"outputTokensUsage":${record.outputTokensUsage},"cachedTokensUsage":${record.cachedTokensUsage},"outputTokensCounted":${record.outputTokensCounted},"tokenSource":"${record.tokenSource}","chunks":{"rows":${rows}}}\n`;
}
