import type { ComparisonBlock, MetricValues } from '../model/index.ts';

/** Who is measured: side A, side B, or side A once more. */
export type Turn = 'A' | 'B' | 'again';

/** One measurement of a side, warmed up and rested before. */
export interface TurnResult {
  planHash: string;
  /** Null: usable; else why not, in words. */
  invalid: string | null;
  values: MetricValues;
}

export interface BlocksOptions {
  blocks: number;
  /** Side A is measured twice, for the noise floor. */
  again: boolean;
  /** Keys that are kept of each measurement. */
  metrics: readonly string[];
  /** Each side has to get the same requests as the other. */
  sameRequests: boolean;
  signal: AbortSignal;
  /** Turns of a block that was measured before, by an interrupted comparison; null = measure it. */
  reuse?(block: number): ReadonlyMap<Turn, TurnResult> | null;
  /** Launches, warms up and measures one side; block counts from 0. */
  measure(turn: Turn, block: number): Promise<TurnResult>;
  /** After each whole block. */
  onBlock(block: ComparisonBlock): Promise<void>;
}

/**
 * Who goes first alternates, so that whatever drifts over time meets both sides alike; the second
 * measurement of A stands at the end of two blocks, then at the beginning of two.
 */
export function orderOf(block: number, again: boolean): Turn[] {
  const pair: Turn[] = block % 2 === 0 ? ['A', 'B'] : ['B', 'A'];
  if (!again) return pair;
  return block % 4 < 2 ? [...pair, 'again'] : ['again', ...pair];
}

/**
 * Measures both sides block by block. A block that was interrupted is none.
 *
 * @throws whatever `measure` throws, after the blocks before it were handed on
 */
export async function runBlocks(options: BlocksOptions): Promise<void> {
  const { blocks, again, signal, measure, onBlock } = options;
  for (let index = 0; index < blocks; index++) {
    const order = orderOf(index, again);
    const before = options.reuse?.(index) ?? null;
    if (before !== null) {
      await onBlock(joinBlock(index, order, before, options));
      continue;
    }
    const results = new Map<Turn, TurnResult>();
    for (const turn of order) {
      if (signal.aborted) return;
      const result = await measure(turn, index);
      if (signal.aborted) return;
      results.set(turn, result);
    }
    await onBlock(joinBlock(index, order, results, options));
  }
}

function joinBlock(
  index: number,
  order: Turn[],
  results: ReadonlyMap<Turn, TurnResult>,
  { metrics, sameRequests }: BlocksOptions,
): ComparisonBlock {
  const reasons = [...results].flatMap(([turn, { invalid }]) =>
    invalid === null
      ? []
      : [`${turn === 'again' ? 'A again' : turn}: ${invalid.replace(/\.$/, '')}`],
  );
  const hashes = [...new Set([...results.values()].map(({ planHash }) => planHash))];
  if (sameRequests && hashes.length > 1) reasons.push('the sides did not get the same requests');
  const of = (turn: Turn, metric: string) => {
    const value = results.get(turn)?.values[metric];
    return typeof value === 'number' ? value : null;
  };
  return {
    index,
    order,
    valid: reasons.length === 0,
    reason: reasons.length === 0 ? null : reasons.join('; '),
    planHash: hashes.length === 1 ? (hashes[0] ?? null) : null,
    values: Object.fromEntries(
      metrics.map((metric) => [
        metric,
        {
          a: of('A', metric),
          b: of('B', metric),
          ...(results.has('again') && { again: of('again', metric) }),
        },
      ]),
    ),
  };
}
