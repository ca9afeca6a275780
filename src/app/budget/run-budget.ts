import { BenchError } from '../../core/index.ts';
import type { RunLoad } from '../../driver/index.ts';
import {
  type BudgetLeft,
  budgetReachedCode,
  type RequestRecord,
  type Spending,
  spentBy,
  type TokenPrice,
  type TokensSpent,
  usdOf,
} from '../../model/index.ts';

/** What a run has spent of what it may spend: every request counts, measured or not. */
export interface RunBudget {
  readonly isLimited: boolean;
  left(): BudgetLeft;
  /** Whether a question of at most so many tokens still fits. */
  admits(most: TokensSpent): boolean;
  /** A request has ended. */
  count(record: RequestRecord): void;
  spending(): Spending;
}

export interface BudgetLimits {
  maxTotalTokens: number | null;
  maxCostUsd: number | null;
  /** Null: money is not counted. */
  price: TokenPrice | null;
}

export function createRunBudget({ maxTotalTokens, maxCostUsd, price }: BudgetLimits): RunBudget {
  const prices = {
    usdPerMillionInput: price?.usdPerMillionInput ?? 0,
    usdPerMillionOutput: price?.usdPerMillionOutput ?? 0,
  };
  const spent: TokensSpent = { input: 0, output: 0 };
  let requests = 0;
  let requestsWithoutUsage = 0;
  let extraInputTokens = 0;
  const left = (): BudgetLeft => ({
    tokens: maxTotalTokens === null ? null : maxTotalTokens - spent.input - spent.output,
    usd: maxCostUsd === null ? null : maxCostUsd - usdOf(spent, prices),
    ...prices,
    extraInputTokens,
  });
  return {
    isLimited: maxTotalTokens !== null || maxCostUsd !== null,
    left,
    admits(most) {
      const { tokens, usd } = left();
      return (
        (tokens === null || most.input + most.output <= tokens) &&
        (usd === null || usdOf(most, prices) <= usd)
      );
    },
    count(record) {
      if (record.sentUs === null) return;
      const { input, output } = spentBy(record, extraInputTokens);
      requests += 1;
      spent.input += input;
      spent.output += output;
      if (record.inputTokensUsage !== null) {
        const extra = record.inputTokensUsage - record.inputTokensAsked;
        extraInputTokens = Math.max(extraInputTokens, extra);
      } else if (input + output > 0) requestsWithoutUsage += 1;
    },
    spending: () => ({
      requests,
      inputTokens: spent.input,
      outputTokens: spent.output,
      requestsWithoutUsage,
      usd: price === null ? null : usdOf(spent, prices),
      price,
      maxTotalTokens,
      maxCostUsd,
    }),
  };
}

/** Levels, probes and warm-up under the budget; `onReached` is told once a level ended by it. */
export function withinBudget(run: RunLoad, budget: RunBudget, onReached: () => void): RunLoad {
  return async (options) => {
    const { onRecord } = options;
    const level = await run({
      ...options,
      ...(budget.isLimited && { budget: budget.left() }),
      onRecord(record, inFlight) {
        budget.count(record);
        onRecord?.(record, inFlight);
      },
    });
    if (level.findings.some(({ code }) => code === budgetReachedCode)) onReached();
    return level;
  };
}

/** Why a run ends that the next request might take beyond its budget. */
export function budgetReached(budget: RunBudget): BenchError {
  const { inputTokens, outputTokens, usd, maxTotalTokens, maxCostUsd } = budget.spending();
  const spent = [
    ...(maxTotalTokens === null
      ? []
      : [`${inputTokens + outputTokens} of ${maxTotalTokens} tokens (--max-total-tokens)`]),
    ...(maxCostUsd === null ? [] : [`${formatUsd(usd ?? 0)} of ${maxCostUsd} USD (--max-cost)`]),
  ];
  return new BenchError(
    'BUDGET_REACHED',
    `Stopped at the budget: ${spent.join(' and ')} ${spent.length > 1 ? 'are' : 'is'} spent, and the next request might go beyond it.`,
    {
      hint: 'What was measured is saved; --resume DIR with a new budget goes on with the next level.',
    },
  );
}

/** Four digits: an amount is often far below a cent. */
const formatUsd = (usd: number) => String(Number(usd.toPrecision(4)));
