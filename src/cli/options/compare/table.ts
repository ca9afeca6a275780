import type { CompareOutput, CompareSettings, RunSettings } from '../../../app/index.ts';
import { BenchError } from '../../../core/index.ts';
import { numberIn, parseBoolean, parseText, parseTexts } from '../option.ts';
import type { OptionTable } from '../resolve.ts';
import { judgementOptions } from '../run/judgement.ts';
import { loadOptions } from '../run/load.ts';
import { methodOptions } from '../run/method.ts';
import { outputOptions } from '../run/output.ts';
import { startedEngineOptions } from '../run/started-engine.ts';
import { systemOptions } from '../run/system.ts';
import { engineIds, targetOptions } from '../run/target.ts';
import { telemetryOptions } from '../run/telemetry.ts';
import { workloadOptions } from '../run/workload.ts';

/** How the sides are named on the command line. */
interface SideFlags {
  a: string[];
  b: string[];
  /** One for both sides, or one each. */
  engine: string[];
  endpoint: string[];
}

const group = 'Comparison';

/** `5` and `5%` to 0.05. */
function parsePercent(value: unknown, flag: string): number {
  return numberIn({ above: 0, max: 99 })(String(value).replace(/\s*%$/, ''), flag) / 100;
}

/** A comma-separated list of words. */
function parseWords(value: unknown, flag: string): string[] {
  const items = Array.isArray(value) ? value.map(String) : parseText(value, flag).split(',');
  const words = items.map((item) => item.trim()).filter((item) => item !== '');
  if (words.length > 0) return [...new Set(words)];
  throw new BenchError('USAGE_BAD_VALUE', `${flag}: "${String(value)}" names nothing.`, {
    hint: 'Separate metric keys by commas: ttft_p50_ms,throughput_tok_s.',
  });
}

const comparisonOptions: OptionTable<CompareSettings> = {
  metrics: {
    flags: '--metrics <keys>',
    group,
    description:
      'metrics that the verdict is about, comma separated, named before the run (default: ttft_p50_ms,tpot_p50_ms,throughput_tok_s)',
    parse: parseWords,
    default: null,
  },
  blocks: {
    flags: '--blocks <n>',
    group,
    description:
      'measurements of each side, in alternating order; an engine is started anew in each',
    parse: numberIn({ min: 3, max: 1000, integer: true }),
    default: 8,
    defaultText: '8',
  },
  margin: {
    flags: '--margin <percent>',
    group,
    description: 'differences within plus or minus this are equivalent',
    parse: parsePercent,
    default: 0.05,
    defaultText: '5',
  },
  maxRegression: {
    flags: '--max-regression <percent>',
    group,
    description:
      'gate: exit 5 when B is worse by more than this over the whole interval of a metric',
    parse: parsePercent,
    default: null,
  },
  toggle: {
    flags: '--toggle <flag>',
    group,
    description:
      'side B is side A with this flag on top; its effect is printed beside what the methodology article expects of it',
    parse: parseText,
    default: null,
  },
  aa: {
    flags: '--aa',
    group,
    description:
      'measure side A twice in each block: how far it differs from itself is the noise floor',
    parse: parseBoolean,
    default: false,
  },
  force: {
    flags: '--force',
    group,
    description: 'stored results: compare although hardware, data, SLO or definitions differ',
    parse: parseBoolean,
    default: false,
  },
  resume: {
    flags: '--resume <dir>',
    group,
    description: 'folder of an interrupted comparison: its whole blocks are not measured again',
    parse: parseText,
    default: null,
  },
};

/** Not `parseText`: an empty side is the common settings alone. */
const parseSide = (value: unknown) => (Array.isArray(value) ? value : [value]).map(String);

const sideOptions: OptionTable<SideFlags> = {
  a: {
    flags: '--a <side>',
    group: 'Sides',
    description:
      "what side A has of its own: flags ('--threads 1'), a URL, a YAML file or a result folder; may be given several times",
    repeatable: true,
    parse: parseSide,
    default: [],
  },
  b: {
    flags: '--b <side>',
    group: 'Sides',
    description: 'the same for side B',
    repeatable: true,
    parse: parseSide,
    default: [],
  },
  engine: {
    flags: targetOptions.engine.flags,
    group: targetOptions.engine.group,
    suggest: engineIds,
    description: 'engine to start here (`bench engine list`); twice: one for each side',
    repeatable: true,
    parse: parseTexts,
    default: [],
  },
  endpoint: {
    flags: targetOptions.endpoint.flags,
    group: targetOptions.endpoint.group,
    aliases: ['--base-url'],
    description: 'running OpenAI-compatible server; twice: one for each side',
    repeatable: true,
    parse: parseTexts,
    default: [],
  },
};

const {
  replica: _replica,
  balance: _balance,
  engine: _engine,
  endpoint: _endpoint,
  ...target
} = targetOptions;
const { rate, maxConcurrency, arrival, requests, duration, concurrency } = loadOptions;
const { warmupRuns, warmupRequests, gates, requireSteady, rest } = methodOptions;
const { sloTemplate, slo, maxErrorShare, allowClientBottleneck } = judgementOptions;
const { output, json, html } = outputOptions;

/** Options of both sides, as `bench run` has them. */
const commonOptions = {
  ...target,
  rate: { ...rate, description: 'open loop: offered requests per second' },
  maxConcurrency: {
    ...maxConcurrency,
    description:
      'alone: closed loop with so many callers (default 4); with a rate: cap on requests in flight',
  },
  concurrency: {
    ...concurrency,
    description: 'stored results: the level of that --concurrency is compared',
  },
  arrival,
  requests: { ...requests, description: 'counted requests of each measurement' },
  duration: { ...duration, description: 'counted time of each measurement (default 60)' },
  warmupRuns: {
    ...warmupRuns,
    description: 'discarded runs before each measurement, on both sides (default 1)',
  },
  warmupRequests: { ...warmupRequests, description: 'requests of each warm-up run (default 17)' },
  gates: {
    ...gates,
    description:
      'wait until the server is warm and the level steady before counting (auto), or warm up only (off)',
    defaultText: 'off',
  },
  requireSteady,
  rest: { ...rest, description: 'idle time before each measurement' },
  ...workloadOptions,
  sloTemplate,
  slo,
  maxErrorShare,
  allowClientBottleneck,
  ...startedEngineOptions,
  ...systemOptions,
  ...telemetryOptions,
};

export type CommonKey = keyof typeof commonOptions;
export const commonKeys = Object.keys(commonOptions) as CommonKey[];

type CompareFlags = CompareSettings & SideFlags & CompareOutput & Pick<RunSettings, CommonKey>;

/** Every option of `bench compare`. */
export const compareOptions: OptionTable<CompareFlags> = {
  ...sideOptions,
  ...comparisonOptions,
  ...commonOptions,
  output: { ...output, description: 'folder of the comparison (default ./bench-results/<id>)' },
  json,
  html: { ...html, description: 'do not write compare.html' },
};
