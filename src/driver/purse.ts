import {
  type BudgetLeft,
  mostOf,
  type PlannedRequest,
  type RequestRecord,
  spentBy,
  type TokensSpent,
  usdOf,
} from '../model/index.ts';

/** A budget as a level spends it: what is in flight counts as the most that it can come to. */
export interface Purse {
  /** Sets aside the most that the request can come to; false = it is not there. */
  take(request: Pick<PlannedRequest, 'index' | 'inputTokens' | 'outputTokens'>): boolean;
  /** A request has ended: what it did not use is there again. */
  settle(record: RequestRecord): void;
}

export function createPurse(budget: BudgetLeft): Purse {
  let tokens = budget.tokens ?? Number.POSITIVE_INFINITY;
  let usd = budget.usd ?? Number.POSITIVE_INFINITY;
  let extra = budget.extraInputTokens;
  const aside = new Map<number, TokensSpent>();
  const add = (sign: 1 | -1, amount: TokensSpent) => {
    tokens += sign * (amount.input + amount.output);
    usd += sign * usdOf(amount, budget);
  };
  return {
    take(request) {
      const most = mostOf(request, extra);
      if (most.input + most.output > tokens || usdOf(most, budget) > usd) return false;
      add(-1, most);
      aside.set(request.index, most);
      return true;
    },
    settle(record) {
      const reserved = aside.get(record.index);
      if (reserved === undefined) return;
      aside.delete(record.index);
      add(1, reserved);
      add(-1, spentBy(record, extra));
      if (record.inputTokensUsage === null) return;
      extra = Math.max(extra, record.inputTokensUsage - record.inputTokensAsked);
    },
  };
}
