/** Every setting of `bench run llm.inference`, resolved. One option of the same name each. */
export interface RunSettings {
  engine: string | null;
  endpoint: string | null;
  model: string | null;
  enginePath: string | null;
  modelPath: string | null;
  slots: number | null;
  threads: number | null;
  contextTokens: number | null;
  engineArg: string[];
  quant: string | null;
  hardware: string | null;

  api: 'auto' | 'chat' | 'completions';
  apiKey: string | null;
  header: Record<string, string>;
  extraBody: Record<string, unknown>;
  insecure: boolean;
  connectionReuse: 'auto' | 'pooled' | 'never';
  transport: 'auto' | 'raw' | 'undici';
  requestTimeout: number;
  connectTimeout: number;

  rate: number[] | null;
  concurrency: number[] | null;
  maxConcurrency: number[] | null;
  /** `poisson`, `constant`, `gamma:SHAPE`. */
  arrival: string;
  requests: number | null;
  duration: number | null;
  timeBudget: number;
  warmupRequests: number;

  dataset: string;
  /** `MEAN[:STD]`, normal truncated at 1 token. */
  inputTokens: string | null;
  outputTokens: string | null;
  tokenizer: string | null;
  temperature: number;
  ignoreEos: boolean;
  seed: number;

  sloTemplate: string | null;
  failOnSlo: boolean;
  maxErrorShare: number;
  allowClientBottleneck: boolean;

  output: string | null;
  json: boolean;
  html: boolean;
  saveResult: boolean;
  saveDetailed: boolean;
  resultDir: string | null;
  label: string | null;
}

/** Every setting of `bench engine start`. */
export interface EngineStartSettings {
  model: string | null;
  modelPath: string | null;
  enginePath: string | null;
  port: number;
  slots: number | null;
  threads: number | null;
  contextTokens: number | null;
  /** Seconds without work after which the supervisor stops the engine; 0 = never. */
  idleTimeout: number;
  engineArg: string[];
}

/** Every setting of `bench selftest`. */
export interface SelftestSettings {
  streams: number[] | null;
  rate: number[] | null;
  /** Tokens per second of one stream. */
  streamTokens: number;
  seconds: number;
  transport: 'auto' | 'raw' | 'undici';
  json: boolean;
}
