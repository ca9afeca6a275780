import type { PlanSettings } from '../../app/index.ts';
import { numberIn, oneOf, parseBoolean, parseText, parseTexts } from './option.ts';
import type { OptionTable } from './resolve.ts';

/** Every key of PlanSettings has its option here. */
export const planOptions: OptionTable<PlanSettings> = {
  targetQps: {
    flags: '--target-qps <rate>',
    aliases: ['--target-rate'],
    group: 'Plan',
    description: 'requests per second to plan for (required)',
    parse: numberIn({ above: 0, max: 1e9 }),
    // Checked by the command: there is no rate to fall back to.
    default: Number.NaN,
  },
  headroom: {
    flags: '--headroom <percent>',
    group: 'Plan',
    description: 'spare capacity for peaks and failures',
    parse: numberIn({ min: 0, max: 1000 }),
    default: 20,
    defaultText: '20',
  },
  gpusPerInstance: {
    flags: '--gpus-per-instance <n>',
    group: 'Plan',
    description: 'GPUs of one instance (default: as the result has it)',
    parse: numberIn({ min: 0, max: 1e6, integer: true }),
    default: null,
  },
  inputTokens: {
    flags: '--input-tokens <mean>',
    group: 'Plan',
    description: 'mean prompt tokens of your requests; refused where the result has others',
    parse: numberIn({ above: 0 }),
    default: null,
  },
  outputTokens: {
    flags: '--output-tokens <mean>',
    group: 'Plan',
    description: 'mean output tokens of your requests; refused where the result has others',
    parse: numberIn({ above: 0 }),
    default: null,
  },
  sloTemplate: {
    flags: '--slo-template <id>',
    group: 'Plan',
    description: "judge by these limits instead of the result's own, from its records",
    parse: parseText,
    default: null,
  },
  slo: {
    flags: '--slo <limits>',
    group: 'Plan',
    description: 'limits of your own, milliseconds: [NAME:]ttft=500,tpot=50,p=99',
    example: 'ttft=500,tpot=50,p=99',
    repeatable: true,
    parse: parseTexts,
    default: [],
  },
  pricePerHour: {
    flags: '--price-per-hour <usd>',
    group: 'Cost',
    description: 'what one instance costs by the hour',
    parse: numberIn({ min: 0, max: 1e9 }),
    default: null,
  },
  prices: {
    flags: '--prices <file>',
    group: 'Cost',
    description: 'JSON file of dated prices; "shipped" takes the GPU prices that come with bench',
    parse: parseText,
    default: null,
  },
  format: {
    flags: '--format <id>',
    group: 'Output',
    description: 'table, markdown or json',
    choices: ['table', 'markdown', 'json'],
    parse: oneOf(['table', 'markdown', 'json'] as const),
    default: 'table',
    defaultText: 'table',
  },
  json: {
    flags: '--json',
    group: 'Output',
    description: 'one JSON object on stdout and nothing else',
    parse: parseBoolean,
    default: false,
  },
};
