import type { LoadSettings } from '../../../app/index.ts';
import { numberIn, numberListIn, oneOf, parseText } from '../option.ts';
import type { OptionTable } from '../resolve.ts';

/** Beyond what any client of one machine sends. */
const maxRateRps = 1e6;
/** A week. */
export const maxDurationS = 7 * 24 * 3600;

const group = 'Load';

export const loadOptions: OptionTable<LoadSettings> = {
  rate: {
    flags: '--rate <list>',
    aliases: ['--request-rate'],
    group,
    description: 'open loop: offered requests per second, one level each (1,2,5)',
    parse: numberListIn({ above: 0, max: maxRateRps }),
    default: null,
  },
  concurrency: {
    flags: '--concurrency <list>',
    group,
    description:
      'open loop, at the rates that keep so many requests in flight on average (calibrated)',
    parse: numberListIn({ above: 0 }),
    default: null,
  },
  maxConcurrency: {
    flags: '--max-concurrency <list>',
    group,
    description: 'alone: closed loop with so many callers; with a rate: cap on requests in flight',
    parse: numberListIn({ min: 1, integer: true }),
    default: null,
  },
  sweep: {
    flags: '--sweep <how>',
    group,
    description:
      'open loop, rates found by the run: article (1 to 50 req/s until the SLO is missed) or auto (doubles until overload, then bisects to the highest rate that meets every SLO)',
    choices: ['article', 'auto'],
    parse: oneOf(['article', 'auto'] as const),
    default: null,
  },
  arrival: {
    flags: '--arrival <shape>',
    group,
    description: 'gaps between sends: poisson, constant or gamma:SHAPE (below 1 = bursty)',
    parse: parseText,
    default: 'poisson',
    defaultText: 'poisson',
  },
  requests: {
    flags: '--requests <n>',
    aliases: ['--level-requests', '--num-prompts'],
    group,
    description: 'counted requests per level',
    parse: numberIn({ min: 1, max: 1e8, integer: true }),
    default: null,
  },
  duration: {
    flags: '--duration <seconds>',
    group,
    description: 'counted time per level (default 60 when a load is given without --requests)',
    parse: numberIn({ above: 0, max: maxDurationS }),
    default: null,
  },
  timeBudget: {
    flags: '--time-budget <seconds>',
    group,
    description: 'quick look (no load given): length of the whole command',
    parse: numberIn({ min: 10, max: maxDurationS }),
    default: 75,
    defaultText: '75',
  },
};
