import { isJsonObject } from './chunk-fields.ts';

/** Token totals as the server states them; null where it said nothing. */
export interface UsageTotals {
  inputTokensUsage: number | null;
  outputTokensUsage: number | null;
  cachedTokensUsage: number | null;
}

export interface UsageReader {
  /** Takes whatever the chunk says about totals; the last statement wins. */
  read(chunk: Record<string, unknown>): void;
  /** The same for a `usage` object whose numbers are known; null where it has none. */
  readCounts(input: number | null, output: number | null, cached: number | null): void;
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
}

/**
 * Reads `usage` (OpenAI) and `timings` (llama.cpp: predicted_n, prompt_n, cache_n), which come
 * in a chunk of their own, on the finishing chunk, or running on every chunk.
 */
export function createUsageReader(): UsageReader {
  const running = new Map<number, number>();
  /** Last timings of each choice. */
  const timings = new Map<
    number,
    { output: number; input: number | null; cached: number | null }
  >();
  let input: number | null = null;
  let output: number | null = null;
  let cached: number | null = null;

  function readUsage(usage: Record<string, unknown>): void {
    const counts = usageCounts(usage);
    readCounts(counts.input, counts.output, counts.cached);
  }

  function readCounts(inputNow: number | null, outputNow: number | null, hit: number | null) {
    input = inputNow ?? input;
    output = outputNow ?? output;
    cached = hit ?? cached;
  }

  return {
    read(chunk) {
      if (isJsonObject(chunk['usage'])) readUsage(chunk['usage']);
      if (!isJsonObject(chunk['timings'])) return;
      const predicted = count(chunk['timings']['predicted_n']);
      if (predicted === null) return;
      const reused = count(chunk['timings']['cache_n']);
      const fresh = count(chunk['timings']['prompt_n']);
      timings.set(firstIndex(chunk), {
        output: predicted,
        input: fresh === null ? null : fresh + (reused ?? 0),
        cached: reused,
      });
    },
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
    totals() {
      const told = [...timings.values()];
      const sum = told.length === 0 ? null : told.reduce((total, one) => total + one.output, 0);
      return {
        inputTokensUsage: input ?? told[0]?.input ?? null,
        outputTokensUsage: output ?? sum,
        cachedTokensUsage: cached ?? told[0]?.cached ?? null,
      };
    },
  };
}

/** The numbers of a `usage` object. */
export function usageCounts(usage: Record<string, unknown>): {
  input: number | null;
  output: number | null;
  cached: number | null;
} {
  const details = usage['prompt_tokens_details'];
  const hit = isJsonObject(details) ? count(details['cached_tokens']) : null;
  return {
    input: count(usage['prompt_tokens']),
    output: count(usage['completion_tokens']),
    cached: hit ?? count(usage['prompt_cache_hit_tokens']),
  };
}

/** Tokens so far, where the chunk says; null when it carries neither usage nor timings. */
export function runningCount(chunk: Record<string, unknown>): number | null {
  const { usage, timings } = chunk;
  const fromUsage = isJsonObject(usage) ? count(usage['completion_tokens']) : null;
  return fromUsage ?? (isJsonObject(timings) ? count(timings['predicted_n']) : null);
}

function firstIndex(chunk: Record<string, unknown>): number {
  const first: unknown = Array.isArray(chunk['choices']) ? chunk['choices'][0] : undefined;
  return isJsonObject(first) && typeof first['index'] === 'number' ? first['index'] : 0;
}

function count(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
}
