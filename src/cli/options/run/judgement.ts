import type { JudgementSettings } from '../../../app/index.ts';
import { numberIn, parseBoolean, parseText, parseTexts } from '../option.ts';
import type { OptionTable } from '../resolve.ts';

const group = 'Judgement';

export const judgementOptions: OptionTable<JudgementSettings> = {
  sloTemplate: {
    flags: '--slo-template <id>',
    group,
    description:
      'latency limits to judge by, comma separated: llm.standard, llm.realtime, llm.batch',
    parse: parseText,
    default: null,
  },
  slo: {
    flags: '--slo <limits>',
    group,
    description:
      'limits of your own, milliseconds: [NAME:]ttft=300,tpot=50,e2e=2000,p=99; may be given several times',
    example: 'ttft=300,tpot=50,p=99',
    repeatable: true,
    parse: parseTexts,
    default: [],
  },
  failOnSlo: {
    flags: '--fail-on-slo',
    group,
    description: 'exit 5 when any level misses the SLO (default: only when every level does)',
    parse: parseBoolean,
    default: false,
  },
  maxErrorShare: {
    flags: '--max-error-share <share>',
    group,
    description: 'share of failed requests above which a level is invalid',
    parse: numberIn({ min: 0, max: 1 }),
    default: 0.01,
    defaultText: '0.01',
  },
  allowClientBottleneck: {
    flags: '--allow-client-bottleneck',
    group,
    description: 'keep a level valid although the client itself was the bottleneck',
    parse: parseBoolean,
    default: false,
  },
};
