import type { RequestRecord } from '../../model/index.ts';
import type { ScalarMetric } from '../definition.ts';
import type { LevelFacts } from '../level-facts.ts';
import { isFailed, isInside, type RateSpan } from '../selected-requests.ts';

const spanText =
  'divided by the time from the start of the counted window to the end of the last counted request. Requests of the uncounted tail take part, failed ones do not.';

/** Sum over all requests of the level that did not fail, per second of the rate span. */
export function ratePerSecond(
  facts: LevelFacts,
  amountOf: (record: RequestRecord, span: RateSpan, at: number) => number,
): number | null {
  const { records, span } = facts;
  if (span === null) return null;
  let sum = 0;
  records.forEach((record, at) => {
    if (!isFailed(record)) sum += amountOf(record, span, at);
  });
  return sum / span.seconds;
}

/**
 * Prompt tokens of each request. Requests that were cut off have no usage: they count as asked for
 * times what the others' usage is of theirs, which a chat template or another tokenizer changes.
 */
function inputTokensBy({ records }: LevelFacts): (record: RequestRecord) => number {
  let asked = 0;
  let told = 0;
  for (const { inputTokensUsage, inputTokensAsked } of records) {
    if (inputTokensUsage === null) continue;
    told += inputTokensUsage;
    asked += inputTokensAsked;
  }
  const scale = asked > 0 ? told / asked : 1;
  return ({ inputTokensUsage, inputTokensAsked }) => inputTokensUsage ?? scale * inputTokensAsked;
}

function inputTokensInside(facts: LevelFacts): (record: RequestRecord, span: RateSpan) => number {
  const tokensOf = inputTokensBy(facts);
  return (record, span) =>
    record.firstTokenUs !== null && isInside(span, record.firstTokenUs) ? tokensOf(record) : 0;
}

/** Completed ok inside the span. */
export const isCompletedInside = (record: RequestRecord, span: RateSpan) =>
  record.outcome === 'ok' && isInside(span, record.endUs);

export const throughput: ScalarMetric = {
  kind: 'scalar',
  id: 'throughput_tok_s',
  title: 'Output throughput',
  unit: 'tok/s',
  better: 'higher',
  description: `Output tokens by their time of arrival, ${spanText}`,
  formula:
    'output tokens that arrived in the span / span; span = t(last counted end) - t(window start)',
  source: 'Counting by event time inside one interval: the llm.inference methodology.',
  compute: (facts) =>
    ratePerSecond(facts, (_record, _span, at) => facts.chunks.tokensInside[at] as number),
};

export const inputThroughput: ScalarMetric = {
  kind: 'scalar',
  id: 'input_tok_s',
  title: 'Input throughput',
  unit: 'tok/s',
  better: 'higher',
  description: `Prompt tokens, each prompt at its first output token, ${spanText}`,
  formula:
    'prompt tokens of requests whose first token came in the span / span; without usage: asked for x (usage / asked for, of the others)',
  source: 'As throughput_tok_s.',
  compute: (facts) => ratePerSecond(facts, inputTokensInside(facts)),
};

export const totalThroughput: ScalarMetric = {
  kind: 'scalar',
  id: 'total_tok_s',
  title: 'Input and output throughput',
  unit: 'tok/s',
  better: 'higher',
  description: 'input_tok_s + throughput_tok_s. Prompt tokens are cheaper than output tokens.',
  formula: '(output tokens + prompt tokens in the span) / span',
  source: 'As throughput_tok_s.',
  compute(facts) {
    const inputInside = inputTokensInside(facts);
    return ratePerSecond(
      facts,
      (record, span, at) => (facts.chunks.tokensInside[at] as number) + inputInside(record, span),
    );
  },
};

export const requestRate: ScalarMetric = {
  kind: 'scalar',
  id: 'requests_per_s',
  title: 'Request throughput',
  unit: 'req/s',
  better: 'higher',
  description: `Requests that completed ok, ${spanText}`,
  formula: 'requests that completed ok in the span / span',
  source: 'As throughput_tok_s.',
  compute: (facts) =>
    ratePerSecond(facts, (record, span) => (isCompletedInside(record, span) ? 1 : 0)),
};
