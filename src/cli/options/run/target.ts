import type { TargetSettings } from '../../../app/index.ts';
import { BenchError } from '../../../core/index.ts';
import {
  numberIn,
  oneOf,
  parseBoolean,
  parseJsonObject,
  parsePairs,
  parseText,
  parseUrl,
  parseUrls,
} from '../option.ts';
import type { OptionTable } from '../resolve.ts';

/** A key in place of a name would stand in results: it is not shown, and not kept. */
function parseEnvName(value: unknown, flag: string): string {
  if (typeof value === 'string' && /^[A-Za-z_][A-Za-z0-9_]*$/.test(value)) return value;
  throw new BenchError('USAGE_BAD_VALUE', `${flag}: what was given is no name of a variable.`, {
    hint: `Give the name of the variable, not the key: ${flag} OPENAI_API_KEY.`,
  });
}

/** For shell completion; loading the engines to ask them would cost every start-up. */
export const engineIds = [
  'llama.cpp',
  'mlx',
  'pytorch',
  'vllm',
  'sglang',
  'trtllm',
  'tgi',
] as const;

const group = 'Target';

export const targetOptions: OptionTable<TargetSettings> = {
  engine: {
    flags: '--engine <id>',
    group,
    description:
      'engine to start here and measure (`bench engine list`); `openai` with --endpoint is any server that runs',
    suggest: [...engineIds, 'openai'],
    parse: parseText,
    default: null,
  },
  endpoint: {
    flags: '--endpoint <url>',
    aliases: ['--base-url'],
    group,
    description:
      'running OpenAI-compatible server to measure, for example http://localhost:8000/v1',
    parse: parseUrl,
    default: null,
  },
  replica: {
    flags: '--replica <url>',
    group,
    description:
      'further URL that serves the same model; requests are shared out over it and --endpoint; may be given several times',
    repeatable: true,
    parse: parseUrls,
    default: [],
  },
  balance: {
    flags: '--balance <how>',
    group,
    description: 'with --replica: whose turn it is, or who has the fewest requests in flight',
    choices: ['round-robin', 'least-outstanding'],
    parse: oneOf(['round-robin', 'least-outstanding'] as const),
    default: 'round-robin',
    defaultText: 'round-robin',
  },
  model: {
    flags: '--model <id>',
    group,
    description: 'model id; with --endpoint it may be left out when the server lists just one',
    parse: parseText,
    default: null,
  },
  api: {
    flags: '--api <kind>',
    group,
    description:
      'API to drive: auto takes completions (exact prompt lengths) and falls back to chat',
    choices: ['auto', 'chat', 'completions'],
    parse: oneOf(['auto', 'chat', 'completions'] as const),
    default: 'auto',
    defaultText: 'auto',
  },
  apiKey: {
    flags: '--api-key <key>',
    group,
    description: 'bearer token; never written to a file or a log',
    env: 'BENCH_API_KEY',
    parse: parseText,
    default: null,
  },
  apiKeyEnv: {
    flags: '--api-key-env <name>',
    group,
    description:
      'environment variable that holds the bearer token: unlike a flag, nobody sees it in the process list',
    parse: parseEnvName,
    default: null,
  },
  header: {
    flags: '--header <name=value>',
    group,
    description:
      'header of every request, `{requestId}` and `{index}` filled in; may be given several times',
    repeatable: true,
    parse: parsePairs,
    default: {},
  },
  extraBody: {
    flags: '--extra-body <json>',
    group,
    description: 'fields merged into every request body, as a JSON object',
    parse: parseJsonObject,
    default: {},
  },
  insecure: {
    flags: '--insecure',
    group,
    description: 'accept any TLS certificate',
    parse: parseBoolean,
    default: false,
  },
  http2: {
    flags: '--http2',
    group,
    description: 'offer HTTP/2 to an https server; each request still has a connection of its own',
    parse: parseBoolean,
    default: false,
  },
  proxy: {
    flags: '--proxy <url>',
    group,
    description:
      'http proxy to reach the endpoint through; `env` takes HTTP_PROXY, HTTPS_PROXY and NO_PROXY (default: none, whatever they say)',
    parse: parseText,
    default: null,
  },
  connectionReuse: {
    flags: '--connection-reuse <how>',
    group,
    description:
      'keep connections open between requests (pooled) or not (never); auto looks what the server does',
    choices: ['auto', 'pooled', 'never'],
    parse: oneOf(['auto', 'pooled', 'never'] as const),
    default: 'auto',
    defaultText: 'auto',
  },
  transport: {
    flags: '--transport <id>',
    group,
    description: 'how bytes are read: raw (own HTTP/1.1 reader, least cost), undici, or auto',
    choices: ['auto', 'raw', 'undici'],
    parse: oneOf(['auto', 'raw', 'undici'] as const),
    default: 'auto',
    defaultText: 'auto',
  },
  ioThreads: {
    flags: '--io-threads <n>',
    group,
    description:
      'threads that the sockets are shared out over; more than one pays only where cores are free and one is busy',
    parse: numberIn({ min: 1, max: 64, integer: true }),
    default: 1,
    defaultText: '1',
  },
  requestTimeout: {
    flags: '--request-timeout <seconds>',
    group,
    description: 'longest time from send to end of one request; slower is the outcome `timeout`',
    parse: numberIn({ above: 0 }),
    default: 600,
    defaultText: '600',
  },
  connectTimeout: {
    flags: '--connect-timeout <seconds>',
    group,
    description: 'longest time to open a connection',
    parse: numberIn({ above: 0 }),
    default: 10,
    defaultText: '10',
  },
  quant: {
    flags: '--quant <id>',
    group,
    description:
      'quantisation expected to be served (fp8, q4_1, ...); checked where it can be read',
    parse: parseText,
    default: null,
  },
  hardware: {
    flags: '--hardware <id>',
    group,
    description: 'hardware expected (h100, cpu, ...); checked against what is detected',
    parse: parseText,
    default: null,
  },
};
