import { createHash } from 'node:crypto';
// canonicalize: JSON with one spelling only (RFC 8785), so that equal plans hash alike anywhere.
import canonicalize from 'canonicalize';
import type { LevelPlan } from '../model/index.ts';

/** Requests that are hashed one by one where the number to be counted is not known beforehand. */
const hashedWhenUnbounded = 1024;
const largestBounded = 1e9;
const linesPerUpdate = 4096;

/**
 * SHA-256 (hex) of a canonical JSON header line (load, seed, limits and `rules`) and one line
 * `[index,intendedUs,inputTokens,outputTokens,promptSeed,row]` per counted request.
 */
export function hashPlan(plan: Omit<LevelPlan, 'hash'>, rules: Record<string, unknown>): string {
  const { load, seed, countedRequests, durationUs } = plan;
  const header = canonicalize({ version: 1, load, seed, countedRequests, durationUs, ...rules });
  const hash = createHash('sha256').update(`${header}\n`);
  const lines = countedRequests > largestBounded ? hashedWhenUnbounded : countedRequests;
  let text = '';
  for (let i = 0; i < lines; i++) {
    const { intendedUs, inputTokens, outputTokens, prompt } = plan.at(i);
    // Whole numbers and null only: this spelling is the canonical one.
    text += `[${i},${intendedUs},${inputTokens},${outputTokens},${prompt.seed},${prompt.row}]\n`;
    if (i % linesPerUpdate === linesPerUpdate - 1) {
      hash.update(text);
      text = '';
    }
  }
  return hash.update(text).digest('hex');
}
