import { BenchError, type Rng } from '../core/index.ts';
import { sampleNormal } from '../stats/index.ts';

/** Token lengths: all equal `mean` when `std` is 0, else normal, truncated below at 1. */
export interface LengthSpec {
  mean: number;
  std: number;
}

/**
 * Reads `32` or `512:128` (mean:standard deviation, tokens).
 * @param what names the setting in the message: `--input-tokens`.
 * @throws BenchError USAGE_LENGTH
 */
export function parseLengthSpec(text: string, what = 'token length'): LengthSpec {
  const match = /^(\d{1,9})(?::(\d{1,9}(?:\.\d+)?))?$/.exec(text.trim());
  const mean = Number(match?.[1] ?? Number.NaN);
  const std = Number(match?.[2] ?? 0);
  if (!(mean >= 1)) {
    throw new BenchError('USAGE_LENGTH', `${what} "${text}" is not MEAN or MEAN:STD.`, {
      hint: 'MEAN is a whole number of tokens, at least 1: 32, or 512:128 for a spread.',
    });
  }
  return { mean, std };
}

export function formatLengthSpec(spec: LengthSpec): string {
  return spec.std === 0 ? String(spec.mean) : `${spec.mean}:${spec.std}`;
}

/**
 * Successive lengths, whole tokens >= 1. Values that round below 1 are drawn again, so that they do
 * not pile up at 1; with a wide spread the mean of what is drawn therefore lies above `spec.mean`.
 */
export function createLengthSampler(spec: LengthSpec, rng: Rng): () => number {
  const constant = Math.max(1, Math.round(spec.mean));
  if (spec.std === 0) return () => constant;
  return () => {
    for (;;) {
      const tokens = Math.round(spec.mean + spec.std * sampleNormal(rng));
      if (tokens >= 1) return tokens;
    }
  };
}
