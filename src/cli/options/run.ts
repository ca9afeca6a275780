import type { RunSettings } from '../../app/index.ts';
import { BenchError } from '../../core/index.ts';
import {
  numberIn,
  numberListIn,
  type OptionSpec,
  oneOf,
  parseBoolean,
  parseJsonObject,
  parsePairs,
  parseText,
  parseTexts,
  parseUrl,
} from './option.ts';

const target = 'Target';
const load = 'Load';
const work = 'Workload';
const judge = 'Judgement';
const out = 'Output';
const started = 'Started engine';

/** Every key of RunSettings has its option here: a forgotten flag does not compile. */
export const runOptions: { [K in keyof RunSettings]: OptionSpec<RunSettings[K]> } = {
  engine: {
    flags: '--engine <id>',
    group: target,
    description: 'engine to start here and measure (`bench engine list`)',
    parse: parseText,
    default: null,
  },
  endpoint: {
    flags: '--endpoint <url>',
    group: target,
    description:
      'running OpenAI-compatible server to measure, for example http://localhost:8000/v1',
    parse: parseUrl,
    default: null,
  },
  model: {
    flags: '--model <id>',
    group: target,
    description: 'model id; with --endpoint it may be left out when the server lists just one',
    parse: parseText,
    default: null,
  },
  api: {
    flags: '--api <kind>',
    group: target,
    description:
      'API to drive: auto takes completions (exact prompt lengths) and falls back to chat',
    choices: ['auto', 'chat', 'completions'],
    parse: oneOf(['auto', 'chat', 'completions'] as const),
    default: 'auto',
    defaultText: 'auto',
  },
  apiKey: {
    flags: '--api-key <key>',
    group: target,
    description: 'bearer token; never written to a file or a log',
    env: 'BENCH_API_KEY',
    parse: parseText,
    default: null,
  },
  header: {
    flags: '--header <name=value>',
    group: target,
    description: 'header of every request; may be given several times',
    repeatable: true,
    parse: parsePairs,
    default: {},
  },
  extraBody: {
    flags: '--extra-body <json>',
    group: target,
    description: 'fields merged into every request body, as a JSON object',
    parse: parseJsonObject,
    default: {},
  },
  insecure: {
    flags: '--insecure',
    group: target,
    description: 'accept any TLS certificate',
    parse: parseBoolean,
    default: false,
  },
  connectionReuse: {
    flags: '--connection-reuse <how>',
    group: target,
    description:
      'keep connections open between requests (pooled) or not (never); auto looks what the server does',
    choices: ['auto', 'pooled', 'never'],
    parse: oneOf(['auto', 'pooled', 'never'] as const),
    default: 'auto',
    defaultText: 'auto',
  },
  transport: {
    flags: '--transport <id>',
    group: target,
    description: 'how bytes are read: raw (own HTTP/1.1 reader, least cost), undici, or auto',
    choices: ['auto', 'raw', 'undici'],
    parse: oneOf(['auto', 'raw', 'undici'] as const),
    default: 'auto',
    defaultText: 'auto',
  },
  requestTimeout: {
    flags: '--request-timeout <seconds>',
    group: target,
    description: 'longest time from send to end of one request; slower is the outcome `timeout`',
    parse: numberIn({ above: 0 }),
    default: 600,
    defaultText: '600',
  },
  connectTimeout: {
    flags: '--connect-timeout <seconds>',
    group: target,
    description: 'longest time to open a connection',
    parse: numberIn({ above: 0 }),
    default: 10,
    defaultText: '10',
  },
  quant: {
    flags: '--quant <id>',
    group: target,
    description:
      'quantisation expected to be served (fp8, q4_1, ...); checked where it can be read',
    parse: parseText,
    default: null,
  },
  hardware: {
    flags: '--hardware <id>',
    group: target,
    description: 'hardware expected (h100, cpu, ...); checked against what is detected',
    parse: parseText,
    default: null,
  },
  rate: {
    flags: '--rate <list>',
    group: load,
    description: 'open loop: offered requests per second, one level each (1,2,5)',
    parse: numberListIn({ above: 0 }),
    default: null,
  },
  concurrency: {
    flags: '--concurrency <list>',
    group: load,
    description:
      'open loop, at the rates that keep so many requests in flight on average (calibrated)',
    parse: numberListIn({ above: 0 }),
    default: null,
  },
  maxConcurrency: {
    flags: '--max-concurrency <list>',
    group: load,
    description: 'alone: closed loop with so many callers; with a rate: cap on requests in flight',
    parse: numberListIn({ min: 1, integer: true }),
    default: null,
  },
  arrival: {
    flags: '--arrival <shape>',
    group: load,
    description: 'gaps between sends: poisson, constant or gamma:SHAPE (below 1 = bursty)',
    parse: parseText,
    default: 'poisson',
    defaultText: 'poisson',
  },
  requests: {
    flags: '--requests <n>',
    group: load,
    description: 'counted requests per level',
    parse: numberIn({ min: 1, integer: true }),
    default: null,
  },
  duration: {
    flags: '--duration <seconds>',
    group: load,
    description: 'counted time per level (default 60 when a load is given without --requests)',
    parse: numberIn({ above: 0 }),
    default: null,
  },
  timeBudget: {
    flags: '--time-budget <seconds>',
    group: load,
    description: 'quick look (no load given): length of the whole command',
    parse: numberIn({ min: 10 }),
    default: 75,
    defaultText: '75',
  },
  warmupRequests: {
    flags: '--warmup-requests <n>',
    group: load,
    description: 'discarded requests before the first level',
    parse: numberIn({ min: 0, integer: true }),
    default: 3,
    defaultText: '3',
  },
  dataset: {
    flags: '--dataset <id>',
    group: work,
    description: 'where prompts come from: random (generated words) or jsonl:FILE',
    parse: parseText,
    default: 'random',
    defaultText: 'random',
  },
  inputTokens: {
    flags: '--input-tokens <mean[:std]>',
    group: work,
    description: 'prompt tokens, without the chat template (default 128; quick look 32)',
    parse: parseText,
    default: null,
  },
  outputTokens: {
    flags: '--output-tokens <mean[:std]>',
    group: work,
    description: 'output tokens (default 64; quick look 16)',
    parse: parseText,
    default: null,
  },
  tokenizer: {
    flags: '--tokenizer <file>',
    group: work,
    description: 'tokenizer.json to count with where the server has no /tokenize',
    parse: parseText,
    default: null,
  },
  temperature: {
    flags: '--temperature <t>',
    group: work,
    description: 'sampling temperature',
    parse: numberIn({ min: 0 }),
    default: 0,
    defaultText: '0',
  },
  ignoreEos: {
    flags: '--no-ignore-eos',
    group: work,
    description: 'let the model stop when it wants (default: ask for exactly --output-tokens)',
    parse: parseBoolean,
    default: true,
  },
  seed: {
    flags: '--seed <n>',
    group: work,
    description: 'seed of arrivals, lengths and prompts: same seed, same plan, byte for byte',
    parse: numberIn({ min: 0, max: 4294967295, integer: true }),
    default: 42,
    defaultText: '42',
  },
  sloTemplate: {
    flags: '--slo-template <id>',
    group: judge,
    description: 'latency limits to judge by: llm.standard, llm.realtime, llm.batch',
    parse: parseText,
    default: null,
  },
  failOnSlo: {
    flags: '--fail-on-slo',
    group: judge,
    description: 'exit 5 when any level misses the SLO (default: only when every level does)',
    parse: parseBoolean,
    default: false,
  },
  maxErrorShare: {
    flags: '--max-error-share <share>',
    group: judge,
    description: 'share of failed requests above which a level is invalid',
    parse: numberIn({ min: 0, max: 1 }),
    default: 0.01,
    defaultText: '0.01',
  },
  allowClientBottleneck: {
    flags: '--allow-client-bottleneck',
    group: judge,
    description: 'keep a level valid although the client itself was the bottleneck',
    parse: parseBoolean,
    default: false,
  },
  output: {
    flags: '--output <dir>',
    group: out,
    description: 'result folder (default ./bench-results/<runId>)',
    parse: parseText,
    default: null,
  },
  json: {
    flags: '--json',
    group: out,
    description: 'one JSON object on stdout and nothing else',
    parse: parseBoolean,
    default: false,
  },
  html: {
    flags: '--no-html',
    group: out,
    description: 'do not write report.html',
    parse: parseBoolean,
    default: true,
  },
  saveResult: {
    flags: '--save-result',
    group: out,
    description: 'also write one `vllm bench serve` JSON file per level',
    parse: parseBoolean,
    default: false,
  },
  saveDetailed: {
    flags: '--save-detailed',
    group: out,
    description: 'with --save-result: per-request arrays too',
    parse: parseBoolean,
    default: false,
  },
  resultDir: {
    flags: '--result-dir <dir>',
    group: out,
    description: 'where --save-result writes (default: the result folder)',
    parse: parseText,
    default: null,
  },
  label: {
    flags: '--label <text>',
    group: out,
    description: 'label of the --save-result file (default: the engine)',
    parse: parseText,
    default: null,
  },
  enginePath: {
    flags: '--engine-path <file>',
    group: started,
    description: "the engine's executable, instead of an installed one",
    parse: parseText,
    default: null,
  },
  modelPath: {
    flags: '--model-path <file>',
    group: started,
    description: 'model file, instead of a pulled one',
    parse: parseText,
    default: null,
  },
  slots: {
    flags: '--slots <n>',
    group: started,
    description: 'requests that the engine works on at once',
    parse: numberIn({ min: 1, integer: true }),
    default: null,
  },
  threads: {
    flags: '--threads <n>',
    group: started,
    description: 'engine threads (default: all cores but one, which the client keeps)',
    parse: numberIn({ min: 1, integer: true }),
    default: null,
  },
  contextTokens: {
    flags: '--context-tokens <n>',
    group: started,
    description: 'context of one request, prompt and output together',
    parse: numberIn({ min: 16, integer: true }),
    default: null,
  },
  engineArg: {
    flags: '--engine-arg <arg>',
    group: started,
    description: 'passed on to the engine as it is; may be given several times',
    repeatable: true,
    parse: parseTexts,
    default: [],
  },
};

/** Combinations that cannot mean anything; each error says what to write instead. */
export function checkRunSettings(settings: RunSettings): void {
  const { rate, concurrency, maxConcurrency } = settings;
  if (settings.engine !== null && settings.endpoint !== null) {
    throw new BenchError('USAGE_CONFLICT', '--engine and --endpoint exclude each other.', {
      hint: 'An engine is started here; an endpoint already runs. Give one of them.',
    });
  }
  if (settings.engine === null && settings.endpoint === null) {
    throw new BenchError('USAGE_NO_TARGET', 'Nothing to measure: no --engine and no --endpoint.', {
      hint: 'Try: bench run llm.inference --engine llama.cpp --model smollm2-135m\n  or: bench run llm.inference --endpoint http://localhost:8000/v1 --model NAME',
    });
  }
  if (rate !== null && concurrency !== null) {
    throw new BenchError('USAGE_CONFLICT', '--rate and --concurrency exclude each other.', {
      hint: '--concurrency finds the rates itself; to cap requests in flight at a rate use --max-concurrency.',
    });
  }
  if ((rate ?? concurrency) !== null && (maxConcurrency?.length ?? 0) > 1) {
    throw new BenchError(
      'USAGE_CONFLICT',
      `--max-concurrency ${maxConcurrency?.join(',')}: with a rate only one cap is possible.`,
      { hint: 'Give one number, or leave the rate out for closed-loop levels.' },
    );
  }
  const noLoad = rate === null && concurrency === null && maxConcurrency === null;
  if (noLoad && (settings.requests !== null || settings.duration !== null)) {
    throw new BenchError('USAGE_NO_LOAD', '--requests and --duration need a load.', {
      hint: 'Add --rate, --concurrency or --max-concurrency; without a load `run` sizes a quick look by --time-budget.',
    });
  }
  if (settings.saveDetailed && !settings.saveResult) {
    throw new BenchError('USAGE_CONFLICT', '--save-detailed needs --save-result.');
  }
}
