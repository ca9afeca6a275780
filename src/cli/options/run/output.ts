import type { OutputSettings } from '../../../app/index.ts';
import { parseBoolean, parseText } from '../option.ts';
import type { OptionTable } from '../resolve.ts';

const group = 'Output';

export const outputOptions: OptionTable<OutputSettings> = {
  output: {
    flags: '--output <dir>',
    group,
    description: 'result folder (default ./bench-results/<runId>)',
    parse: parseText,
    default: null,
  },
  json: {
    flags: '--json',
    group,
    description: 'one JSON object on stdout and nothing else',
    parse: parseBoolean,
    default: false,
  },
  html: {
    flags: '--no-html',
    group,
    description: 'do not write report.html',
    parse: parseBoolean,
    default: true,
  },
  saveResult: {
    flags: '--save-result',
    group,
    description: 'also write one `vllm bench serve` JSON file per level',
    parse: parseBoolean,
    default: false,
  },
  saveDetailed: {
    flags: '--save-detailed',
    group,
    description: 'with --save-result: per-request arrays too',
    parse: parseBoolean,
    default: false,
  },
  resultDir: {
    flags: '--result-dir <dir>',
    group,
    description: 'where --save-result writes (default: the result folder)',
    parse: parseText,
    default: null,
  },
  label: {
    flags: '--label <text>',
    group,
    description: 'label of the --save-result file (default: the engine)',
    parse: parseText,
    default: null,
  },
};
