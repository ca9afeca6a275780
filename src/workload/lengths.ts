import { BenchError, type Rng } from '../core/index.ts';
import { sampleNormal } from '../stats/index.ts';

/**
 * How many tokens prompts or outputs have, whole numbers of at least 1.
 *
 * normal: all equal `mean` when `std` is 0, else truncated below at 1. lognormal: `mean` and `std`
 * are those of the tokens before truncation, not of their logarithm. uniform: every whole number
 * from `min` to `max` alike.
 */
export type LengthSpec =
  | { shape: 'normal'; mean: number; std: number }
  | { shape: 'lognormal'; mean: number; std: number; min: number; max: number }
  | { shape: 'uniform'; min: number; max: number };

const forms =
  'MEAN is a whole number of tokens, at least 1: 32, or 512:128 for a normal spread; lognormal:MEAN:STD:MIN:MAX and uniform:MIN:MAX are the others.';

/**
 * Reads `32`, `512:128` (mean:standard deviation, tokens), `lognormal:MEAN:STD:MIN:MAX` or
 * `uniform:MIN:MAX`.
 * @param what names the setting in the message: `--input-tokens`.
 * @throws BenchError USAGE_LENGTH
 */
export function parseLengthSpec(text: string, what = 'token length'): LengthSpec {
  const spec = parseForm(text.trim());
  if (spec !== null) return spec;
  throw new BenchError('USAGE_LENGTH', `${what} "${text}" is not MEAN or MEAN:STD.`, {
    hint: forms,
  });
}

function parseForm(text: string): LengthSpec | null {
  const [shape, ...parts] = text.split(':');
  if (shape === 'lognormal' || shape === 'uniform') {
    if (!parts.every((part) => /^\d{1,9}(\.\d+)?$/.test(part))) return null;
    const numbers = parts.map(Number);
    const [min = 0, max = 0] = numbers.slice(-2);
    if (!Number.isInteger(min) || !Number.isInteger(max) || min < 1 || max < min) return null;
    if (shape === 'uniform') return numbers.length === 2 ? { shape, min, max } : null;
    const [mean = 0, std = 0] = numbers;
    if (numbers.length !== 4 || std <= 0 || mean < min || mean > max) return null;
    return { shape, mean, std, min, max };
  }
  const match = /^(\d{1,9})(?::(\d{1,9}(?:\.\d+)?))?$/.exec(text);
  const mean = Number(match?.[1] ?? Number.NaN);
  return mean >= 1 ? { shape: 'normal', mean, std: Number(match?.[2] ?? 0) } : null;
}

/** The text that `parseLengthSpec` reads. */
export function formatLengthSpec(spec: LengthSpec): string {
  switch (spec.shape) {
    case 'normal':
      return spec.std === 0 ? String(spec.mean) : `${spec.mean}:${spec.std}`;
    case 'lognormal':
      return `lognormal:${spec.mean}:${spec.std}:${spec.min}:${spec.max}`;
    case 'uniform':
      return `uniform:${spec.min}:${spec.max}`;
  }
}

/** Mean before truncation, tokens. */
export function meanLength(spec: LengthSpec): number {
  return spec.shape === 'uniform' ? (spec.min + spec.max) / 2 : spec.mean;
}

/** Every length the mean: for requests that have to be alike. */
export function fixedLength(spec: LengthSpec): LengthSpec {
  return { shape: 'normal', mean: Math.max(1, Math.round(meanLength(spec))), std: 0 };
}

/**
 * Mean and standard deviation of the logarithm that give a log-normal variate the mean and standard
 * deviation asked for: sigma^2 = ln(1 + (std/mean)^2), mu = ln(mean) - sigma^2/2.
 */
export function logNormalParameters({ mean, std }: { mean: number; std: number }): {
  mu: number;
  sigma: number;
} {
  const variance = Math.log1p((std / mean) ** 2);
  return { mu: Math.log(mean) - variance / 2, sigma: Math.sqrt(variance) };
}

/**
 * Successive lengths, whole tokens >= 1. Values outside the bounds are drawn again, so that they
 * do not pile up there; the mean of what is drawn therefore differs from the spec's where the
 * bounds bite.
 */
export function createLengthSampler(spec: LengthSpec, rng: Rng): () => number {
  switch (spec.shape) {
    case 'normal': {
      const constant = Math.max(1, Math.round(spec.mean));
      if (spec.std === 0) return () => constant;
      return redrawn(1, Number.POSITIVE_INFINITY, () => spec.mean + spec.std * sampleNormal(rng));
    }
    case 'lognormal': {
      const { mu, sigma } = logNormalParameters(spec);
      return redrawn(spec.min, spec.max, () => Math.exp(mu + sigma * sampleNormal(rng)));
    }
    case 'uniform':
      return () => spec.min + rng.int(spec.max - spec.min + 1);
  }
}

function redrawn(min: number, max: number, draw: () => number): () => number {
  return () => {
    for (;;) {
      const tokens = Math.round(draw());
      if (tokens >= min && tokens <= max) return tokens;
    }
  };
}
