import type { EngineStartSettings } from '../../app/index.ts';
import { numberIn, parseText, parseTexts } from './option.ts';
import type { OptionTable } from './resolve.ts';

/** Every key of EngineStartSettings has its option here. */
export const engineStartOptions: OptionTable<EngineStartSettings> = {
  model: {
    flags: '--model <id>',
    group: 'Engine',
    description: 'model to serve, pulled when missing',
    parse: parseText,
    default: null,
  },
  modelPath: {
    flags: '--model-path <file>',
    group: 'Engine',
    description: 'model file, instead of a pulled one',
    parse: parseText,
    default: null,
  },
  enginePath: {
    flags: '--engine-path <file>',
    group: 'Engine',
    description: "the engine's executable, instead of an installed one",
    parse: parseText,
    default: null,
  },
  port: {
    flags: '--port <n>',
    group: 'Engine',
    description: 'port to listen on (default: a free one)',
    parse: numberIn({ min: 0, max: 65535, integer: true }),
    default: 0,
  },
  slots: {
    flags: '--slots <n>',
    group: 'Engine',
    description: 'requests that the engine works on at once',
    parse: numberIn({ min: 1, integer: true }),
    default: null,
  },
  threads: {
    flags: '--threads <n>',
    group: 'Engine',
    description: 'engine threads (default: all cores but one)',
    parse: numberIn({ min: 1, integer: true }),
    default: null,
  },
  contextTokens: {
    flags: '--context-tokens <n>',
    group: 'Engine',
    description: 'context of one request, prompt and output together',
    parse: numberIn({ min: 16, integer: true }),
    default: null,
  },
  idleTimeout: {
    flags: '--idle-timeout <seconds>',
    group: 'Engine',
    description: 'stop after so long without work; 0 = never',
    parse: numberIn({ min: 0 }),
    default: 1800,
    defaultText: '1800',
  },
  engineArg: {
    flags: '--engine-arg <arg>',
    group: 'Engine',
    description: 'passed on to the engine as it is; may be given several times',
    repeatable: true,
    parse: parseTexts,
    default: [],
  },
};
