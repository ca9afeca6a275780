import { BenchError } from '../core/index.ts';
import {
  type Dataset,
  formatLengthSpec,
  type LengthSpec,
  meanLength,
  type PrefixSpec,
  parseDataset,
  parseLengthSpec,
} from '../workload/index.ts';
import type { WorkloadSettings } from './settings.ts';

/** The workload as asked for, before anything is known of the target. */
export interface WorkloadRequest {
  dataset: Dataset;
  path: string | null;
  inputTokens: LengthSpec;
  outputTokens: LengthSpec;
  prefix: PrefixSpec | null;
  salted: boolean;
  fitContext: boolean;
}

/**
 * Joins the options of the workload. What would have no effect is refused.
 *
 * @throws BenchError USAGE_*
 */
export function resolveWorkload(settings: WorkloadSettings, quick: boolean): WorkloadRequest {
  const { dataset, path } = parseDataset(settings.dataset, settings.datasetPath);
  refuseWithoutEffect(settings, dataset);
  const lengths = dataset.lengths ?? {
    input: parseLengthSpec(settings.inputTokens ?? (quick ? '32' : '128'), '--input-tokens'),
    output: parseLengthSpec(settings.outputTokens ?? (quick ? '16' : '64'), '--output-tokens'),
  };
  const ratio = parseRangeRatio(settings.randomRangeRatio);
  return {
    dataset,
    path,
    inputTokens: spread(lengths.input, ratio.input),
    outputTokens: spread(lengths.output, ratio.output),
    prefix: prefixOf(settings, dataset),
    salted: settings.salt,
    fitContext: settings.fitContext,
  };
}

function refuseWithoutEffect(settings: WorkloadSettings, dataset: Dataset): void {
  const refuse = (flag: string, why: string): never => {
    throw new BenchError(
      'USAGE_CONFLICT',
      `${flag} has no effect on --dataset ${dataset.id}: ${why}.`,
      {
        hint: `Leave ${flag} out, or choose another data set, such as --dataset prose.`,
      },
    );
  };
  const given = {
    '--input-tokens': settings.inputTokens !== null,
    '--random-range-ratio': settings.randomRangeRatio !== null,
    '--prefix-tokens': settings.prefixTokens !== null,
    '--prefix-groups': settings.prefixGroups !== null,
    '--output-tokens': settings.outputTokens !== null,
    '--no-salt': !settings.salt,
  };
  const refuseAll = (flags: readonly (keyof typeof given)[], why: string) => {
    for (const flag of flags) if (given[flag]) refuse(flag, why);
  };
  if (dataset.lengthsFrom === 'rows') {
    refuseAll(
      ['--input-tokens', '--prefix-tokens', '--prefix-groups'],
      'its rows are what they are',
    );
    refuseAll(['--random-range-ratio'], 'its rows have lengths of their own');
    if (dataset.conversations)
      refuseAll(['--output-tokens'], 'each reply is as long as the real one');
    return;
  }
  refuseAll(['--no-salt'], 'its text is generated, no two prompts alike');
  if (dataset.lengths !== undefined) {
    refuseAll(
      ['--input-tokens', '--output-tokens', '--random-range-ratio'],
      'its lengths are what it is',
    );
  }
  if (given['--prefix-groups'] && !given['--prefix-tokens'] && dataset.prefix === undefined) {
    refuse('--prefix-groups', 'no --prefix-tokens is given');
  }
}

function prefixOf(settings: WorkloadSettings, { prefix }: Dataset): PrefixSpec | null {
  const tokens = settings.prefixTokens ?? prefix?.tokens ?? 0;
  if (tokens === 0) return null;
  return { tokens, groups: settings.prefixGroups ?? prefix?.groups ?? 1 };
}

/** Every whole length from floor(L x (1 - r)) to ceil(L x (1 + r)) alike, as `vllm bench serve` has it. */
function spread(spec: LengthSpec, ratio: number): LengthSpec {
  if (ratio === 0) return spec;
  if (spec.shape !== 'normal' || spec.std !== 0) {
    throw new BenchError(
      'USAGE_CONFLICT',
      `--random-range-ratio spreads one length, and ${formatLengthSpec(spec)} has a spread already.`,
      { hint: 'Leave one of them out.' },
    );
  }
  const mean = meanLength(spec);
  return {
    shape: 'uniform',
    min: Math.max(1, Math.floor(mean * (1 - ratio))),
    max: Math.ceil(mean * (1 + ratio)),
  };
}

/** @throws BenchError USAGE_RANGE_RATIO */
function parseRangeRatio(text: string | null): { input: number; output: number } {
  if (text === null) return { input: 0, output: 0 };
  const parsed = parseJson(text);
  const pair =
    typeof parsed === 'object' && parsed !== null ? parsed : { input: parsed, output: parsed };
  const { input, output } = pair as Record<string, unknown>;
  const fits = (value: unknown): value is number =>
    typeof value === 'number' && value >= 0 && value < 1;
  if (fits(input) && fits(output)) return { input, output };
  throw new BenchError(
    'USAGE_RANGE_RATIO',
    `--random-range-ratio "${text}" is not a number from 0 to below 1.`,
    {
      hint: 'As in vLLM since 0.8.4: 0 is one fixed length, 0.5 is half to one and a half of it; {"input": 0.2, "output": 0.5} tells them apart. Before, 1.0 stood for a fixed length.',
    },
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
