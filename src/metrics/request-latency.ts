import { firstChunkTokensOf, outputTokensOf, type RequestRecord } from '../model/index.ts';

const ms = (fromUs: number | null, toUs: number | null): number | null =>
  fromUs === null || toUs === null ? null : (toUs - fromUs) / 1000;

/** Intended send to first token, milliseconds: what a user waits, lateness of the client included. */
export const ttftMs = (record: RequestRecord) => ms(record.intendedUs, record.firstTokenUs);

/** Actual send to first token, milliseconds. */
export const ttftServiceMs = (record: RequestRecord) => ms(record.sentUs, record.firstTokenUs);

/** Intended send to last token, milliseconds. */
export const e2eMs = (record: RequestRecord) => ms(record.intendedUs, record.lastTokenUs);

/** Actual send to last token, milliseconds. */
export const e2eServiceMs = (record: RequestRecord) => ms(record.sentUs, record.lastTokenUs);

/** Intended to actual send, milliseconds; null when it was never sent. */
export const dispatchLagMs = (record: RequestRecord) => ms(record.intendedUs, record.sentUs);

/**
 * (last token time - first token time) / (output tokens - tokens of the first chunk),
 * milliseconds per token; null where that is not above 0 (one token, one chunk, one read).
 */
export function tpotMs(record: RequestRecord): number | null {
  return tpotFrom(record, outputTokensOf(record), firstChunkTokensOf(record));
}

/** `tpotMs` from the output tokens and those of the first chunk. */
export function tpotFrom(
  record: RequestRecord,
  tokens: number | null,
  first: number | null,
): number | null {
  const span = ms(record.firstTokenUs, record.lastTokenUs);
  if (span === null || tokens === null || first === null) return null;
  const tpot = span / (tokens - first);
  return tpot > 0 && Number.isFinite(tpot) ? tpot : null;
}

/** Response latency / output tokens, milliseconds per token. */
export function ntpotFrom(record: RequestRecord, tokens: number | null): number | null {
  const e2e = e2eMs(record);
  return e2e === null || tokens === null || tokens <= 0 ? null : e2e / tokens;
}

/** Prompt tokens as the server counted them, else as asked for. */
export function inputTokensOf(record: RequestRecord): number {
  return record.inputTokensUsage ?? record.inputTokensAsked;
}
