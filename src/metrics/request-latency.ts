import { outputTokensOf, type RequestRecord } from '../model/index.ts';

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
  const span = ms(record.firstTokenUs, record.lastTokenUs);
  const tokens = outputTokensOf(record);
  const first = record.chunks.tokens[0];
  if (span === null || tokens === null || first === undefined) return null;
  const tpot = span / (tokens - first);
  return tpot > 0 && Number.isFinite(tpot) ? tpot : null;
}

/** Response latency / output tokens, milliseconds per token. */
export function ntpotMs(record: RequestRecord): number | null {
  const e2e = e2eMs(record);
  const tokens = outputTokensOf(record);
  return e2e === null || tokens === null || tokens <= 0 ? null : e2e / tokens;
}

/** Prompt tokens as the server counted them, else as asked for (without a chat template). */
export function inputTokensOf(record: RequestRecord): number {
  return record.inputTokensUsage ?? record.inputTokensAsked;
}

/**
 * Time between tokens of one request, milliseconds: a chunk of k tokens that closes a gap g gives
 * k values g / k. Tokens of the first chunk close no gap. A chunk that completed no token leaves
 * its gap to the next one.
 *
 * @param out receives the values from `at` on; null only counts them.
 * @returns the number of values.
 */
export function tokenGapsMs(record: RequestRecord, out: Float64Array | null, at: number): number {
  const { atUs, tokens } = record.chunks;
  let previousUs = atUs[0] ?? 0;
  let filled = 0;
  for (let i = 1; i < atUs.length; i++) {
    const k = tokens[i] as number;
    if (k <= 0) continue;
    const nowUs = atUs[i] as number;
    if (out !== null) out.fill((nowUs - previousUs) / 1000 / k, at + filled, at + filled + k);
    filled += k;
    previousUs = nowUs;
  }
  return filled;
}

/** Gaps between token-bearing chunks of one request as they are; arguments as `tokenGapsMs`. */
export function chunkGapsMs(record: RequestRecord, out: Float64Array | null, at: number): number {
  const { atUs } = record.chunks;
  const gaps = Math.max(0, atUs.length - 1);
  if (out !== null) {
    for (let i = 0; i < gaps; i++) {
      out[at + i] = ((atUs[i + 1] as number) - (atUs[i] as number)) / 1000;
    }
  }
  return gaps;
}
