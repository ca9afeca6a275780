import { createRng } from '../core/index.ts';
import { createLengthSampler, type LengthSpec } from './lengths.ts';

/** Prompt and output lengths of requests, tokens. */
export interface LengthPair {
  inputTokens: number;
  outputTokens: number;
}

export interface LengthPairs {
  input: LengthSpec;
  output: LengthSpec;
  /** Most tokens of a request, prompt and output together; null = no limit. */
  fit: number | null;
}

/**
 * Successive pairs, the two lengths independent of each other. A pair that does not fit is drawn
 * again as a whole: the pairs are those of the distribution, given that they fit.
 */
export function createPairSampler({ input, output, fit }: LengthPairs, seed: number) {
  const nextInput = createLengthSampler(input, createRng(seed, 'input lengths'));
  const nextOutput = createLengthSampler(output, createRng(seed, 'output lengths'));
  return (): LengthPair => {
    for (;;) {
      const pair = { inputTokens: nextInput(), outputTokens: nextOutput() };
      if (fit === null || pair.inputTokens + pair.outputTokens <= fit) return pair;
    }
  };
}

const samples = 100_000;

/** Share of the pairs whose prompt and output together are longer than `contextTokens`; by simulation. */
export function shareTooLong(
  { input, output }: Pick<LengthPairs, 'input' | 'output'>,
  contextTokens: number,
): number {
  if (largest(input) + largest(output) <= contextTokens) return 0;
  const next = createPairSampler({ input, output, fit: null }, 0);
  let tooLong = 0;
  for (let i = 0; i < samples; i++) {
    const { inputTokens, outputTokens } = next();
    if (inputTokens + outputTokens > contextTokens) tooLong += 1;
  }
  return tooLong / samples;
}

function largest(spec: LengthSpec): number {
  if (spec.shape !== 'normal') return spec.max;
  return spec.std === 0 ? spec.mean : Number.POSITIVE_INFINITY;
}
