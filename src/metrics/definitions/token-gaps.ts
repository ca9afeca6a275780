import type { RequestRecord } from '../../model/index.ts';
import type { GroupedSeries } from '../../stats/index.ts';
import { defineLatency } from '../definition.ts';
import { chunkGapsMs, tokenGapsMs } from '../request-latency.ts';

export const itl = defineLatency({
  id: 'itl',
  title: 'Inter-token latency',
  description:
    'Time between tokens (also called TBT), pooled over all tokens: a chunk of k tokens that closes a gap g gives k values g / k. The tokens of the first chunk close no gap.',
  source: 'The time between tokens of the llm.inference methodology, per token, not per chunk.',
  collect: (facts) => pool(facts.ok, tokenGapsMs),
});

export const icl = defineLatency({
  id: 'icl',
  title: 'Inter-chunk latency',
  description:
    'Gaps between token-bearing chunks as they arrived, whatever they hold: what a reader sees as stalls.',
  source: 'What vLLM `bench serve` reports as ITL.',
  collect: (facts) => pool(facts.ok, chunkGapsMs),
});

type GapsOf = (record: RequestRecord, out: Float64Array | null, at: number) => number;

/** The gaps of all requests in one column, a group per request: counted first, then filled. */
function pool(records: readonly RequestRecord[], gapsOf: GapsOf): GroupedSeries {
  const offsets = new Float64Array(records.length + 1);
  records.forEach((record, i) => {
    offsets[i + 1] = (offsets[i] as number) + gapsOf(record, null, 0);
  });
  const values = new Float64Array(offsets.at(-1) as number);
  records.forEach((record, i) => {
    gapsOf(record, values, offsets[i] as number);
  });
  return { values, offsets };
}
