import type { RequestRecord } from './request-record.ts';

/** What a server said of its limits when it refused a request. */
export interface LimitTold {
  /** Seconds, whichever form it had on the wire; null = not said. */
  retryAfterS: number | null;
  /** Other headers about limits (`x-ratelimit-limit-requests`, ...), lower-case names. */
  headers: Readonly<Record<string, string>>;
}

const maxValue = 60;
const maxText = 320;

/**
 * For the error of a record, which is where files keep it: `retry-after: 20 s; x-ratelimit-...: 60`.
 * Empty where nothing was said.
 */
export function formatLimit({ retryAfterS, headers }: LimitTold): string {
  const parts = [
    ...(retryAfterS === null ? [] : [`retry-after: ${retryAfterS} s`]),
    ...Object.entries(headers).map(([name, value]) => `${name}: ${plain(value)}`),
  ];
  let text = '';
  for (const part of parts) {
    if (text.length + part.length + 2 > maxText) break;
    text += text === '' ? part : `; ${part}`;
  }
  return text;
}

/** What `formatLimit` wrote; null for a request that no limit refused. */
export function limitToldOf(record: Pick<RequestRecord, 'outcome' | 'error'>): LimitTold | null {
  if (record.outcome !== 'rate_limited' && record.outcome !== 'overloaded') return null;
  const inside = /^HTTP \d+ \(([^()]*)\)/.exec(record.error ?? '')?.[1] ?? '';
  let retryAfterS: number | null = null;
  const headers: Record<string, string> = {};
  for (const part of inside.split('; ')) {
    const [, name = '', value = ''] = /^([a-z0-9-]+): (.*)$/.exec(part) ?? [];
    const seconds = /^(\d+(?:\.\d+)?) s$/.exec(value)?.[1];
    if (name === 'retry-after' && seconds !== undefined) retryAfterS = Number(seconds);
    else if (name !== '') headers[name] = value;
  }
  return { retryAfterS, headers };
}

/** What would end the list, or the parentheses around it, is left out. */
const plain = (value: string) => value.replaceAll(/[();]/g, ',').slice(0, maxValue);
