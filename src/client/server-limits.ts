import type { LimitTold } from '../model/index.ts';
import type { ResponseHeaders } from './body-sniffer.ts';

/** `x-ratelimit-*` (OpenAI and many), `ratelimit-*` (IETF draft), `anthropic-ratelimit-*`. */
const aboutLimits = /^(x-|anthropic-)?ratelimit(-|$)/;

/** What the headers of a reply say of the server's limits; null where they say nothing. */
export function limitsOf(headers: ResponseHeaders): LimitTold | null {
  const retryAfterS = readRetryAfter(headers);
  const told: Record<string, string> = {};
  let isTold = retryAfterS !== null;
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined || !aboutLimits.test(name)) continue;
    told[name] = Array.isArray(value) ? value.join(', ') : value;
    isTold = true;
  }
  return isTold ? { retryAfterS, headers: told } : null;
}

/**
 * Seconds to wait: `retry-after-ms` where there is one (OpenAI), else `retry-after` in seconds, or
 * as a date (RFC 9110, 10.2.3), which is taken against the reply's own `date`: the two clocks may
 * differ. Null where nothing usable is said.
 */
function readRetryAfter(headers: ResponseHeaders): number | null {
  const ms = one(headers['retry-after-ms']);
  if (/^\d+(\.\d+)?$/.test(ms)) return Number(ms) / 1000;
  const after = one(headers['retry-after']);
  if (after === '') return null;
  if (/^\d+(\.\d+)?$/.test(after)) return Number(after);
  const seconds = (Date.parse(after) - Date.parse(one(headers['date']))) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : null;
}

const one = (value: string | string[] | undefined) =>
  (Array.isArray(value) ? (value[0] ?? '') : (value ?? '')).trim();
