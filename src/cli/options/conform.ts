import type { ConformSettings } from '../../app/index.ts';
import { BenchError } from '../../core/index.ts';
import { numberIn, parseText } from './option.ts';
import type { OptionTable } from './resolve.ts';
import { checkHeaders } from './run/check-headers.ts';
import { outputOptions } from './run/output.ts';
import { startedEngineOptions } from './run/started-engine.ts';
import { targetOptions } from './run/target.ts';

const group = 'Rows';

/** A comma-separated list of words. */
function parseWords(value: unknown, flag: string): string[] {
  const words = parseText(value, flag)
    .split(',')
    .map((word) => word.trim());
  return [...new Set(words.filter((word) => word !== ''))];
}

const { engine, endpoint, model, apiKey, apiKeyEnv, header, extraBody } = targetOptions;
const { insecure, proxy, connectTimeout } = targetOptions;

/** Every key of ConformSettings has its option here. */
export const conformOptions: OptionTable<ConformSettings> = {
  engine: { ...engine, description: 'engine to start here and ask (`bench engine list`)' },
  endpoint: { ...endpoint, description: 'running OpenAI-compatible server to ask' },
  model,
  api: {
    ...targetOptions.api,
    description: 'API for rows that are not of one API: auto takes chat where there is one',
  },
  ...{ apiKey, apiKeyEnv, header, extraBody, insecure, proxy, connectTimeout },
  tokenizer: {
    flags: '--tokenizer <file>',
    group,
    description: "the model's tokenizer.json, to count with where the server has no /tokenize",
    parse: parseText,
    default: null,
  },
  only: {
    flags: '--only <families>',
    group,
    description: 'families of rows to ask, comma separated: length,error (default: all)',
    example: 'length,error',
    parse: parseWords,
    default: null,
  },
  require: {
    flags: '--require <rows>',
    group,
    description: 'exit 5 unless each of these rows is `yes`, comma separated',
    example: 'length.ignore-eos,usage.stream',
    parse: parseWords,
    default: [],
  },
  requestTimeout: {
    flags: '--request-timeout <seconds>',
    group: 'Limits',
    description: 'longest time of one request',
    parse: numberIn({ above: 0, max: 86_400 }),
    default: 60,
    defaultText: '60',
  },
  familyTimeout: {
    flags: '--family-timeout <seconds>',
    group: 'Limits',
    description: 'longest time of one family of rows; what is not decided then is unknown',
    parse: numberIn({ above: 0, max: 86_400 }),
    default: 180,
    defaultText: '180',
  },
  timeLimit: {
    flags: '--time-limit <seconds>',
    group: 'Limits',
    description: 'longest time of all rows together',
    parse: numberIn({ above: 0, max: 86_400 }),
    default: 900,
    defaultText: '900',
  },
  output: {
    flags: '--output <file>',
    group: 'Output',
    description: 'also write the table to FILE.md or FILE.json',
    parse: parseText,
    default: null,
  },
  json: outputOptions.json,
  ...startedEngineOptions,
};

/** @throws BenchError USAGE_* */
export function checkConformSettings(settings: ConformSettings): void {
  if (settings.engine !== null && settings.endpoint !== null) {
    throw new BenchError('USAGE_CONFLICT', '--engine and --endpoint exclude each other.', {
      hint: 'An engine is started here; an endpoint already runs. Give one of them.',
    });
  }
  if (settings.engine === null && settings.endpoint === null) {
    throw new BenchError('USAGE_NO_TARGET', 'Nothing to ask: no --engine and no --endpoint.', {
      hint: 'Try: bench conform --engine llama.cpp --model smollm2-135m\n  or: bench conform --endpoint http://localhost:8000/v1',
    });
  }
  checkHeaders(settings.header);
}
