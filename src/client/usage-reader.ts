import { isJsonObject } from './chunk-fields.ts';

/** Token totals as the server states them; null where it said nothing. */
export interface UsageTotals {
  inputTokensUsage: number | null;
  outputTokensUsage: number | null;
  cachedTokensUsage: number | null;
}

/** What is known of the choice of the chunk whose running count is asked for. */
export interface ChunkFacts {
  /** It holds text. */
  bears: boolean;
  finished: boolean;
  /** An earlier chunk of this choice bore a token. */
  seen: boolean;
}

export interface UsageReader {
  /** Takes whatever the chunk says about totals; the last statement wins. */
  read(chunk: Record<string, unknown>): void;
  /**
   * Tokens that this choice's running count grew by; null when the chunk has no running count.
   * Servers keep that count per choice.
   */
  added(
    chunk: Record<string, unknown>,
    choice: number,
    choicesInChunk: number,
    facts: ChunkFacts,
  ): number | null;
  /** The chunk carries usage or timings. */
  isIn(chunk: Record<string, unknown>): boolean;
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
    input = count(usage['prompt_tokens']) ?? input;
    output = count(usage['completion_tokens']) ?? output;
    const details = usage['prompt_tokens_details'];
    const hit = isJsonObject(details) ? count(details['cached_tokens']) : null;
    cached = hit ?? count(usage['prompt_cache_hit_tokens']) ?? cached;
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
    added(chunk, choice, choicesInChunk, facts) {
      const now = runningCount(chunk);
      if (now === null) return null;
      const before = running.get(choice);
      // A count on the last chunk only is a total, not a step.
      if (before === undefined && (facts.seen || (facts.finished && !facts.bears))) return null;
      // Nor is one that stood still while text arrived.
      if (before === 0 && facts.seen && !facts.bears) return null;
      running.set(choice, now);
      if (choicesInChunk > 1) return null;
      return Math.max(0, now - (before ?? 0));
    },
    isIn: (chunk) => runningCount(chunk) !== null,
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

function runningCount(chunk: Record<string, unknown>): number | null {
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
