import type { StartedEngineSettings } from '../../../app/index.ts';
import { numberIn, parseText, parseTexts } from '../option.ts';
import type { OptionTable } from '../resolve.ts';

const group = 'Started engine';

export const startedEngineOptions: OptionTable<StartedEngineSettings> = {
  enginePath: {
    flags: '--engine-path <file>',
    group,
    description: "the engine's executable, instead of an installed one",
    parse: parseText,
    default: null,
  },
  modelPath: {
    flags: '--model-path <file>',
    group,
    description: 'model file, instead of a pulled one',
    parse: parseText,
    default: null,
  },
  slots: {
    flags: '--slots <n>',
    group,
    description: 'requests that the engine works on at once',
    parse: numberIn({ min: 1, integer: true }),
    default: null,
  },
  threads: {
    flags: '--threads <n>',
    group,
    description: 'engine threads (default: all cores but one, which the client keeps)',
    parse: numberIn({ min: 1, integer: true }),
    default: null,
  },
  contextTokens: {
    flags: '--context-tokens <n>',
    group,
    description: 'context of one request, prompt and output together',
    parse: numberIn({ min: 16, integer: true }),
    default: null,
  },
  engineArg: {
    flags: '--engine-arg <arg>',
    group,
    description: 'passed on to the engine as it is; may be given several times',
    repeatable: true,
    parse: parseTexts,
    default: [],
  },
};
