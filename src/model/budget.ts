import { outputTokensOf, type RequestRecord } from './request-record.ts';

/** What may still be spent; null = without limit. Nothing in it but numbers: it goes to threads. */
export interface BudgetLeft {
  tokens: number | null;
  usd: number | null;
  /** 0 where money is not limited. */
  usdPerMillionInput: number;
  usdPerMillionOutput: number;
  /** The most prompt tokens beyond the planned that the server has counted for a request. */
  extraInputTokens: number;
}

/** Tokens of a request, or of several. */
export interface TokensSpent {
  input: number;
  output: number;
}

/** The most that a request can come to. */
export function mostOf(
  request: { inputTokens: number; outputTokens: number },
  extraInputTokens: number,
): TokensSpent {
  return { input: request.inputTokens + extraInputTokens, output: request.outputTokens };
}

/**
 * What a finished request came to: by the server's usage, else by our own count. Nothing for one
 * that never went out or was turned away whole; for one that broke off without a usage, the most
 * that it can have come to, as the server may have gone on.
 */
export function spentBy(
  record: Pick<
    RequestRecord,
    | 'outcome'
    | 'sentUs'
    | 'inputTokensAsked'
    | 'outputTokensAsked'
    | 'inputTokensUsage'
    | 'outputTokensUsage'
    | 'outputTokensCounted'
    | 'chunks'
  >,
  extraInputTokens: number,
): TokensSpent {
  if (record.sentUs === null || turnedAway.has(record.outcome)) return { input: 0, output: 0 };
  const most = mostOf(
    { inputTokens: record.inputTokensAsked, outputTokens: record.outputTokensAsked },
    extraInputTokens,
  );
  const input = record.inputTokensUsage ?? most.input;
  if (record.outcome !== 'ok') return { input, output: most.output };
  return { input, output: outputTokensOf(record) ?? most.output };
}

const turnedAway: ReadonlySet<string> = new Set([
  'refused',
  'connect_timeout',
  'http_error',
  'rate_limited',
  'overloaded',
  'model_not_found',
]);

/** USD of tokens at the prices of a budget. */
export function usdOf(
  { input, output }: TokensSpent,
  prices: Pick<BudgetLeft, 'usdPerMillionInput' | 'usdPerMillionOutput'>,
): number {
  return (input * prices.usdPerMillionInput + output * prices.usdPerMillionOutput) / 1e6;
}

/** Ends a level whose next request might not be paid for; by this code it is known. */
export const budgetReachedCode = 'budget-reached';
