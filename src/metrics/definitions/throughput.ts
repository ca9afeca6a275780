import { outputTokensOf, type RequestRecord } from '../../model/index.ts';
import type { ScalarMetric } from '../definition.ts';
import { isFailed, type LevelFacts, type RateSpan } from '../level-facts.ts';
import { inputTokensOf } from '../request-latency.ts';

const spanText =
  'divided by the time from the start of the counted window to the end of the last counted request. Requests of the uncounted tail take part, failed ones do not.';

const isInside = (span: RateSpan, atUs: number | null) =>
  atUs !== null && atUs >= span.startUs && atUs <= span.endUs;

/** Sum over all requests of the level that did not fail, per second of the rate span. */
export function ratePerSecond(
  facts: LevelFacts,
  amountOf: (record: RequestRecord, span: RateSpan) => number,
): number | null {
  const { span } = facts;
  if (span === null) return null;
  let sum = 0;
  for (const record of facts.run.records) if (!isFailed(record)) sum += amountOf(record, span);
  return sum / span.seconds;
}

/** Output tokens that arrived inside; chunk counts are scaled to the final count where known. */
function outputTokensInside(record: RequestRecord, span: RateSpan): number {
  const { atUs, tokens } = record.chunks;
  let inside = 0;
  let all = 0;
  for (let i = 0; i < atUs.length; i++) {
    const k = tokens[i] as number;
    all += k;
    if (isInside(span, atUs[i] as number)) inside += k;
  }
  const total = outputTokensOf(record);
  return total === null || all === 0 ? 0 : (inside * total) / all;
}

const inputTokensInside = (record: RequestRecord, span: RateSpan) =>
  isInside(span, record.firstTokenUs) ? inputTokensOf(record) : 0;

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
  source: 'Counting by event time inside one interval: the llm.inference methodology.',
  compute: (facts) => ratePerSecond(facts, outputTokensInside),
};

export const inputThroughput: ScalarMetric = {
  kind: 'scalar',
  id: 'input_tok_s',
  title: 'Input throughput',
  unit: 'tok/s',
  better: 'higher',
  description: `Prompt tokens, each prompt at its first output token, ${spanText}`,
  source: 'As throughput_tok_s.',
  compute: (facts) => ratePerSecond(facts, inputTokensInside),
};

export const totalThroughput: ScalarMetric = {
  kind: 'scalar',
  id: 'total_tok_s',
  title: 'Input and output throughput',
  unit: 'tok/s',
  better: 'higher',
  description: 'input_tok_s + throughput_tok_s. Prompt tokens are cheaper than output tokens.',
  source: 'As throughput_tok_s.',
  compute: (facts) =>
    ratePerSecond(
      facts,
      (record, span) => outputTokensInside(record, span) + inputTokensInside(record, span),
    ),
};

export const requestRate: ScalarMetric = {
  kind: 'scalar',
  id: 'requests_per_s',
  title: 'Request throughput',
  unit: 'req/s',
  better: 'higher',
  description: `Requests that completed ok, ${spanText}`,
  source: 'As throughput_tok_s.',
  compute: (facts) =>
    ratePerSecond(facts, (record, span) => (isCompletedInside(record, span) ? 1 : 0)),
};
