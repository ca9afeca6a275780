import type { Spending } from '../model/index.ts';
import { usdText } from './cost-text.ts';
import { plainText } from './format.ts';

/**
 * `12345 tokens (of 20000) in 120 requests, warm-up included; 0.0123 USD (of 0.05) at ...`, with the
 * price's source and day.
 */
export function spendingText(spending: Spending): string {
  const { requests, inputTokens, outputTokens, requestsWithoutUsage, usd, price } = spending;
  const { maxTotalTokens, maxCostUsd } = spending;
  const of = (limit: string | null) => (limit === null ? '' : ` (of ${limit})`);
  const tokens = `${inputTokens + outputTokens} tokens${of(maxTotalTokens === null ? null : String(maxTotalTokens))} in ${requests} requests, warm-up included`;
  const own =
    requestsWithoutUsage === 0
      ? ''
      : `; ${requestsWithoutUsage} of them without a usage, by our own count`;
  const money =
    usd === null || price === null
      ? ''
      : `; ${usdText(usd)} USD${of(maxCostUsd === null ? null : usdText(maxCostUsd))} at ${usdText(price.usdPerMillionInput)} / ${usdText(price.usdPerMillionOutput)} USD per million in / out (${price.source}, ${price.date})`;
  return plainText(`${tokens}${own}${money}`);
}
