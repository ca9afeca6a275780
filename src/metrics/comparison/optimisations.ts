import type { MetricComparison, ToggleComparison } from '../../model/index.ts';

type Direction = 'better' | 'worse' | 'same';

interface Optimisation {
  id: string;
  title: string;
  /** TTFT, TBT, throughput, by the methodology article's table of effects. */
  expected: readonly [Direction, Direction, Direction];
  /** Flags of engines that switch it. */
  flags: RegExp;
}

/** The article's table of what each optimisation does, with the flags that engines give it. */
const optimisations: readonly Optimisation[] = [
  {
    id: 'bigger-batch',
    title: 'bigger batch',
    expected: ['worse', 'worse', 'better'],
    flags:
      /^--?(slots|parallel|np|max-num-seqs|max-num-batched-tokens|max-running-requests|max-batch-size|batch-size|ubatch-size|b|ub|n_batch|n_ubatch|n_parallel)$/,
  },
  {
    id: 'chunked-prefill',
    title: 'chunked prefill',
    expected: ['worse', 'better', 'same'],
    flags: /^--(enable-chunked-prefill|chunked-prefill-size|enable_chunked_context)$/,
  },
  {
    id: 'disaggregation',
    title: 'disaggregated prefill and decode',
    expected: ['better', 'better', 'better'],
    flags: /^--(disaggregation-mode|kv-transfer-config)$/,
  },
  {
    id: 'fp8',
    title: 'FP8',
    expected: ['better', 'better', 'better'],
    flags: /^--(quantization|kv-cache-dtype|quant)$/,
  },
  {
    id: 'speculative',
    title: 'speculative decoding',
    expected: ['same', 'better', 'same'],
    flags: /^--?(speculative[-.].+|spec-.+|model-draft|md|draft-.+)$/,
  },
  {
    id: 'tensor-parallel',
    title: 'more tensor parallelism',
    expected: ['better', 'better', 'better'],
    flags: /^--?(tensor-parallel-size|tp|tp-size|tensor-split)$/,
  },
];

export const optimisationIds = optimisations.map(({ id }) => id);

const aspects = [
  ['TTFT', 'ttft_p50_ms'],
  ['TBT', 'tpot_p50_ms'],
  ['throughput', 'throughput_tok_s'],
] as const;

/** Metrics that the table speaks of; a comparison with a toggle names them before it runs. */
export const toggleMetrics: readonly string[] = aspects.map(([, metric]) => metric);

/**
 * The measured effect of a flag beside what the article says of that optimisation.
 *
 * @param flag as given: `--enable-chunked-prefill`, `--ubatch-size 512`
 * @param id of the optimisation where the user names it; null = told by the flag
 */
export function compareToggle(
  flag: string,
  id: string | null,
  results: readonly MetricComparison[],
): ToggleComparison {
  // The launcher of the llama.cpp wheel sets everything by name: `--set n_ubatch=64`.
  const name =
    flag
      .trim()
      .replace(/^--set\s+/, '--')
      .split(/[\s=]/)[0] ?? '';
  const known = optimisations.find((one) =>
    id === null ? isSwitchedBy(one, name, flag) : one.id === id,
  );
  return {
    flag,
    optimisation: known?.title ?? null,
    rows: aspects.map(([aspect, metric], i) => {
      const result = results.find((row) => row.metric === metric);
      return {
        aspect,
        metric,
        expected: known?.expected[i] ?? null,
        measured: measuredOf(result?.verdict),
        ratio: result?.ratio ?? null,
      };
    }),
  };
}

/** `--quantization awq` is none of FP8. */
function isSwitchedBy({ id, flags }: Optimisation, name: string, flag: string): boolean {
  return flags.test(name) && (id !== 'fp8' || /fp8/i.test(flag));
}

function measuredOf(verdict: MetricComparison['verdict'] | undefined) {
  if (verdict === 'b-better') return 'better';
  if (verdict === 'a-better') return 'worse';
  return verdict === 'equivalent' ? 'same' : 'unknown';
}
