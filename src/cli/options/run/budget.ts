import type { BudgetSettings } from '../../../app/index.ts';
import { numberIn } from '../option.ts';
import type { OptionTable } from '../resolve.ts';

const group = 'Budget';

export const budgetOptions: OptionTable<BudgetSettings> = {
  maxTotalTokens: {
    flags: '--max-total-tokens <n>',
    aliases: ['--max-tokens-total'],
    group,
    description:
      'stop before the run comes to more input and output tokens than this, warm-up included and requests in flight counted at their maximum (exit 7)',
    parse: numberIn({ min: 1, max: 1e15, integer: true }),
    default: null,
  },
  maxCost: {
    flags: '--max-cost <usd>',
    group,
    description:
      'the same for money, by --price-input and --price-output or a price of the endpoint that is known',
    parse: numberIn({ above: 0, max: 1e9 }),
    default: null,
  },
};
