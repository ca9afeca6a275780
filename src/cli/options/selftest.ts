import type { SelftestSettings } from '../../app/index.ts';
import { numberIn, numberListIn, oneOf, parseBoolean } from './option.ts';
import type { OptionTable } from './resolve.ts';

const group = 'Load';

/** Every key of SelftestSettings has its option here. */
export const selftestOptions: OptionTable<SelftestSettings> = {
  streams: {
    flags: '--streams <list>',
    group,
    description: 'closed loop: streams at once, one level each (default: a ladder)',
    parse: numberListIn({ min: 1, max: 10_000, integer: true }),
    default: null,
  },
  rate: {
    flags: '--rate <list>',
    group,
    description: 'open loop: requests per second, one level each',
    parse: numberListIn({ above: 0, max: 20_000 }),
    default: null,
  },
  streamTokens: {
    flags: '--stream-tokens <rate>',
    group,
    description: 'tokens per second of one stream',
    parse: numberIn({ min: 1, max: 1000 }),
    default: 50,
    defaultText: '50',
  },
  seconds: {
    flags: '--seconds <n>',
    group,
    description: 'length of a level',
    parse: numberIn({ min: 1, max: 600 }),
    default: 4,
    defaultText: '4',
  },
  transport: {
    flags: '--transport <id>',
    group,
    description: 'client path to test: auto takes what a run would take',
    choices: ['auto', 'raw', 'undici'],
    parse: oneOf(['auto', 'raw', 'undici'] as const),
    default: 'auto',
    defaultText: 'auto',
  },
  json: {
    flags: '--json',
    group: 'Output',
    description: 'one JSON object on stdout and nothing else',
    parse: parseBoolean,
    default: false,
  },
};
