import { outputTokensOf, type RequestRecord } from '../../../model/index.ts';
import type { VllmRequest } from './aggregates.ts';

/**
 * A record re-read by vLLM's rules: the clock starts before the connection is opened, the first
 * message with choices ends TTFT whatever it holds, gaps are per message.
 *
 * What the record cannot give back: a role-only first message that arrived in the same read as
 * the first token (vLLM would count a gap of about 0), and messages with choices but no token
 * after the first (a separate last one that only has a finish_reason: vLLM's latency ends there,
 * ours at the last token). The wait in the queue of a closed loop is counted from the moment a
 * place was free, not from the start of the run.
 */
export function toVllmRequest(record: RequestRecord): VllmRequest {
  const success = record.outcome === 'ok';
  const startUs = (record.sentUs ?? record.intendedUs) - record.connectUs;
  const messagesUs = messageTimes(record);
  const firstUs = messagesUs[0];
  const lastUs = messagesUs.at(-1);
  return {
    success,
    inputLen: record.inputTokensUsage ?? record.inputTokensAsked,
    outputLen: success ? (outputTokensOf(record) ?? 0) : 0,
    startS: startUs / 1e6,
    ttftS: firstUs === undefined ? 0 : (firstUs - startUs) / 1e6,
    itlS: messagesUs.slice(1).map((atUs, i) => (atUs - (messagesUs[i] as number)) / 1e6),
    latencyS: lastUs === undefined ? 0 : (lastUs - startUs) / 1e6,
    queueS: Math.max(0, startUs - record.intendedUs) / 1e6,
  };
}

/** Arrival of each message with choices, as far as it was recorded. */
function messageTimes(record: RequestRecord): number[] {
  const times = Array.from(record.chunks.atUs);
  const firstToken = times[0];
  const roleOnly =
    record.firstChunkUs !== null && (firstToken === undefined || record.firstChunkUs < firstToken);
  return roleOnly ? [record.firstChunkUs as number, ...times] : times;
}
