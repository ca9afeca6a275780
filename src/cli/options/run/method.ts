import type { MethodSettings } from '../../../app/index.ts';
import { numberIn, oneOf, parseBoolean, parseText } from '../option.ts';
import type { OptionTable } from '../resolve.ts';
import { maxDurationS } from './load.ts';

const group = 'Method';

export const methodOptions: OptionTable<MethodSettings> = {
  warmupRuns: {
    flags: '--warmup-runs <n>',
    group,
    description: 'discarded runs before the first level, once per launch (default 3; quick look 1)',
    parse: numberIn({ min: 0, max: 1000, integer: true }),
    default: null,
  },
  warmupRequests: {
    flags: '--warmup-requests <n>',
    aliases: ['--num-warmups'],
    group,
    description: 'requests of each warm-up run (default 17; quick look 3); 0 = no warm-up',
    parse: numberIn({ min: 0, max: 1e6, integer: true }),
    default: null,
  },
  gates: {
    flags: '--gates <when>',
    group,
    description:
      'wait until the server is warm and each level steady before counting (auto), or do not (off)',
    choices: ['auto', 'off'],
    parse: oneOf(['auto', 'off'] as const),
    default: 'auto',
    defaultText: 'auto',
  },
  requireSteady: {
    flags: '--require-steady',
    group,
    description: 'a gate that does not open makes its level invalid (exit 6), not only a finding',
    parse: parseBoolean,
    default: false,
  },
  maxLevelDuration: {
    flags: '--max-level-duration <seconds>',
    group,
    description:
      'sweep auto: longest that a level which decides nothing is extended to (default: 4 times its length)',
    parse: numberIn({ above: 0, max: maxDurationS }),
    default: null,
  },
  maxProbes: {
    flags: '--max-probes <n>',
    group,
    description: 'sweep auto: most levels of the search',
    parse: numberIn({ min: 2, max: 100, integer: true }),
    default: 10,
    defaultText: '10',
  },
  rest: {
    flags: '--rest <seconds>',
    group,
    description: 'idle time between levels, once nothing is in flight any more',
    parse: numberIn({ min: 0, max: 3600 }),
    default: 2,
    defaultText: '2',
  },
  sustained: {
    flags: '--sustained [seconds]',
    group,
    description:
      'afterwards a long level at the highest rate that met the SLO; lower if it fails there (300 when no length is given)',
    bare: 300,
    parse: numberIn({ above: 0, max: maxDurationS }),
    default: null,
  },
  launches: {
    flags: '--launches <n>',
    group,
    description:
      'starts of the engine, each with a seed of its own; the search is made on the first, the others repeat what it found',
    parse: numberIn({ min: 1, max: 100, integer: true }),
    default: 1,
    defaultText: '1',
  },
  resume: {
    flags: '--resume <dir>',
    group,
    description: 'result folder of an interrupted run: its whole levels are not measured again',
    parse: parseText,
    default: null,
  },
};
