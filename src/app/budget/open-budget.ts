import { BenchError, type Host } from '../../core/index.ts';
import { findTokenPrice } from '../cost/find-price.ts';
import type { PriceRow } from '../cost/read-prices.ts';
import type { RunSettings } from '../settings.ts';
import { createRunBudget, type RunBudget } from './run-budget.ts';

/**
 * What the run may spend, with the price by which it is counted.
 *
 * @throws BenchError USAGE_NO_PRICE, before anything is sent
 */
export function openBudget(
  settings: RunSettings,
  rows: readonly PriceRow[],
  { clock }: Pick<Host, 'clock'>,
): RunBudget {
  const { maxTotalTokens, maxCost, endpoint, model, priceInput, priceOutput } = settings;
  const price = findTokenPrice({
    priceInput,
    priceOutput,
    rows,
    url: endpoint ?? '',
    model: model ?? '',
    date: isoDay(clock.wallMs()),
  });
  if (maxCost !== null && price === null) {
    const what = model === null ? 'a model that is not named' : `"${model}"`;
    throw new BenchError(
      'USAGE_NO_PRICE',
      `--max-cost ${maxCost}: what a token of ${what} costs there is not known.`,
      {
        hint: 'Give --price-input and --price-output (USD per million tokens), or a file of prices with --prices; or limit tokens with --max-total-tokens.',
      },
    );
  }
  return createRunBudget({ maxTotalTokens, maxCostUsd: maxCost, price });
}

const isoDay = (wallMs: number) => new Date(wallMs).toISOString().slice(0, 10);
