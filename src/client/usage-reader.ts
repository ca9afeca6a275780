import { isJsonObject } from './chunk-fields.ts';

/** Token totals as the server states them; null where it said nothing. */
export interface UsageTotals {
  inputTokensUsage: number | null;
  outputTokensUsage: number | null;
  cachedTokensUsage: number | null;
}

/** The numbers of one `usage` object; null = not there. */
export interface UsageCounts {
  input: number | null;
  output: number | null;
  cached: number | null;
}

/** The counts of one `timings` object of llama.cpp. */
export interface TimingCounts {
  output: number;
  /** Prompt tokens that were computed, and those that came from the cache; null = not there. */
  fresh: number | null;
  reused: number | null;
}

export interface UsageReader {
  /** Takes whatever the chunk says about totals; the last statement wins. */
  read(chunk: Record<string, unknown>): void;
  /** The same for a `usage` object whose numbers are known; null where it has none. */
  readCounts(counts: UsageCounts): void;
  /** The same for a `timings` object, of a chunk whose first choice is `choice`. */
  readTimings(choice: number, counts: TimingCounts): void;
  /**
   * Tokens that this choice's running count grew by; null when the chunk has no running count.
   * Servers keep that count per choice.
   * @param now the chunk's running count
   * @param bears the choice holds text
   * @param seen an earlier chunk of this choice bore a token
   */
  added(
    now: number | null,
    choice: number,
    choicesInChunk: number,
    bears: boolean,
    finished: boolean,
    seen: boolean,
  ): number | null;
  totals(): UsageTotals;
  /** Forgets it all, for the next stream. */
  reset(): void;
}

/**
 * Reads `usage` (OpenAI) and `timings` (llama.cpp: predicted_n, prompt_n, cache_n), which come
 * in a chunk of their own, on the finishing chunk, or running on every chunk.
 */
export function createUsageReader(): UsageReader {
  const running = new Map<number, number>();
  /** Last timings of each choice. */
  const timings = new Map<number, TimingCounts>();
  let input: number | null = null;
  let output: number | null = null;
  let cached: number | null = null;

  function readCounts(counts: UsageCounts): void {
    input = counts.input ?? input;
    output = counts.output ?? output;
    cached = counts.cached ?? cached;
  }

  function readTimings(choice: number, counts: TimingCounts): void {
    const known = timings.get(choice);
    if (known === undefined) timings.set(choice, { ...counts });
    else Object.assign(known, counts);
  }

  return {
    read(chunk) {
      if (isJsonObject(chunk['usage'])) readCounts(usageCounts(chunk['usage']));
      const counts = timingCounts(chunk['timings']);
      if (counts !== null) readTimings(firstIndex(chunk), counts);
    },
    readTimings,
    readCounts,
    added(now, choice, choicesInChunk, bears, finished, seen) {
      if (now === null) return null;
      const before = running.get(choice);
      // A count on the last chunk only is a total, not a step.
      if (before === undefined && (seen || (finished && !bears))) return null;
      // Nor is one that stood still while text arrived.
      if (before === 0 && seen && !bears) return null;
      running.set(choice, now);
      if (choicesInChunk > 1) return null;
      return Math.max(0, now - (before ?? 0));
    },
    reset() {
      if (running.size > 0) running.clear();
      if (timings.size > 0) timings.clear();
      input = null;
      output = null;
      cached = null;
    },
    totals() {
      if (timings.size === 0) {
        return { inputTokensUsage: input, outputTokensUsage: output, cachedTokensUsage: cached };
      }
      const told = [...timings.values()];
      const first = told[0];
      const prompt =
        first === undefined || first.fresh === null ? null : first.fresh + (first.reused ?? 0);
      const sum = told.reduce((total, one) => total + one.output, 0);
      return {
        inputTokensUsage: input ?? prompt,
        outputTokensUsage: output ?? sum,
        cachedTokensUsage: cached ?? first?.reused ?? null,
      };
    },
  };
}

/** The numbers of a `usage` object. */
export function usageCounts(usage: Record<string, unknown>): UsageCounts {
  const details = usage['prompt_tokens_details'];
  const hit = isJsonObject(details) ? count(details['cached_tokens']) : null;
  return {
    input: count(usage['prompt_tokens']),
    output: count(usage['completion_tokens']),
    cached: hit ?? count(usage['prompt_cache_hit_tokens']),
  };
}

/** The counts of a `timings` value; null when it does not say how many tokens there are. */
export function timingCounts(timings: unknown): TimingCounts | null {
  if (!isJsonObject(timings)) return null;
  const output = count(timings['predicted_n']);
  if (output === null) return null;
  return { output, fresh: count(timings['prompt_n']), reused: count(timings['cache_n']) };
}

/** Tokens so far, where the chunk says; null when it carries neither usage nor timings. */
export function runningCount(chunk: Record<string, unknown>): number | null {
  const { usage, timings } = chunk;
  const fromUsage = isJsonObject(usage) ? count(usage['completion_tokens']) : null;
  return fromUsage ?? timingCounts(timings)?.output ?? null;
}

function firstIndex(chunk: Record<string, unknown>): number {
  const first: unknown = Array.isArray(chunk['choices']) ? chunk['choices'][0] : undefined;
  return isJsonObject(first) && typeof first['index'] === 'number' ? first['index'] : 0;
}

function count(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
}
