import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SaidRequest, SaidRun } from './client.ts';

export const resultFile = 'result.json';

interface DetailedResult {
  failed: number;
  ttfts?: number[];
  itls?: number[][];
  latencies?: number[];
  start_times?: number[];
  generated_texts?: string[];
}

/**
 * Reads `--save-result --save-detailed` of `vllm bench serve` or of the Rust tool. Requests are
 * found again by the number that the mock writes into the first token's text.
 *
 * @param roleIsFirst the role chunk counts as the first token: one gap more at the front
 */
export function readVllmResult(dir: string, tokens: number, roleIsFirst: boolean): SaidRun {
  const result: DetailedResult = JSON.parse(readFileSync(join(dir, resultFile), 'utf8'));
  const requests: SaidRequest[] = [];
  for (const [i, text] of (result.generated_texts ?? []).entries()) {
    const seq = /#(\d{7})/.exec(text)?.[1];
    if (seq === undefined) continue;
    const itls = result.itls?.[i] ?? [];
    // Gaps of the role chunk and of the chunk that only tells the end are not between tokens.
    const from = roleIsFirst ? 1 : 0;
    const sentS = result.start_times?.[i];
    requests.push({
      key: { seq: Number(seq) },
      ttftMs: (result.ttfts?.[i] ?? Number.NaN) * 1000,
      e2eMs: (result.latencies?.[i] ?? Number.NaN) * 1000,
      itlMs: itls.slice(from, from + tokens - 1).map((s) => s * 1000),
      intendedMs: null,
      sentMs: sentS === undefined ? null : sentS * 1000,
      stampsMs: null,
    });
  }
  return { requests, failed: result.failed, notes: [] };
}
