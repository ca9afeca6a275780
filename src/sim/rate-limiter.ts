import type { SimSpec } from './sim-spec.ts';

/** Requests per window, as a provider counts them. */
export interface RateLimiter {
  /** Counts a request; says whether it is let through, and what the reply's headers are. */
  admit(atUs: number, wallMs: number): { admitted: boolean; headers: Record<string, string> };
}

/** Windows of one length, one after the other, the first from the first request on. */
export function createRateLimiter(spec: SimSpec): RateLimiter | null {
  const { rateLimit } = spec;
  if (rateLimit === null) return null;
  const windowUs = rateLimit.windowMs * 1000;
  let windowStartUs: number | null = null;
  let used = 0;
  return {
    admit(atUs, wallMs) {
      if (windowStartUs === null) windowStartUs = atUs;
      const passed = Math.floor((atUs - windowStartUs) / windowUs);
      if (passed > 0) {
        windowStartUs += passed * windowUs;
        used = 0;
      }
      const admitted = used < rateLimit.requests;
      if (admitted) used++;
      const leftMs = (windowStartUs + windowUs - atUs) / 1000;
      return {
        admitted,
        headers: {
          'x-ratelimit-limit-requests': String(rateLimit.requests),
          'x-ratelimit-remaining-requests': String(rateLimit.requests - used),
          'x-ratelimit-reset-requests': `${Math.ceil(leftMs)}ms`,
          ...(!admitted && retryAfter(rateLimit.retryAfter, leftMs, wallMs)),
        },
      };
    },
  };
}

function retryAfter(
  form: 'seconds' | 'date' | 'none',
  leftMs: number,
  wallMs: number,
): Record<string, string> {
  if (form === 'none') return {};
  // Both forms know whole seconds only: never too early.
  const seconds = Math.ceil(leftMs / 1000);
  if (form === 'seconds') return { 'retry-after': String(seconds) };
  const inDate = (ms: number) => new Date(ms).toUTCString();
  return { 'retry-after': inDate(wallMs + 1000 * seconds), date: inDate(wallMs) };
}
