/** Every setting of `bench run llm.inference`, resolved. One option of the same name each. */
export interface RunSettings
  extends TargetSettings,
    LoadSettings,
    MethodSettings,
    WorkloadSettings,
    JudgementSettings,
    OutputSettings,
    StartedEngineSettings,
    SystemSettings,
    BudgetSettings,
    TelemetrySettings {}

export interface TargetSettings {
  engine: string | null;
  endpoint: string | null;
  /** Further URLs of the same server; requests are shared out over all. */
  replica: string[];
  balance: 'round-robin' | 'least-outstanding';
  model: string | null;
  api: 'auto' | 'chat' | 'completions';
  apiKey: string | null;
  /** Name of the environment variable that holds it. */
  apiKeyEnv: string | null;
  header: Record<string, string>;
  extraBody: Record<string, unknown>;
  insecure: boolean;
  http2: boolean;
  /** `http://host:port`, or `env`: as HTTP_PROXY and the like say. */
  proxy: string | null;
  connectionReuse: 'auto' | 'pooled' | 'never';
  transport: 'auto' | 'raw' | 'undici';
  /** Threads that the sockets are shared out over. */
  ioThreads: number;
  requestTimeout: number;
  connectTimeout: number;
  quant: string | null;
  hardware: string | null;
}

export interface LoadSettings {
  rate: number[] | null;
  concurrency: number[] | null;
  maxConcurrency: number[] | null;
  sweep: 'article' | 'auto' | null;
  /** `poisson`, `constant`, `gamma:SHAPE`. */
  arrival: string;
  requests: number | null;
  duration: number | null;
  timeBudget: number;
}

/** How the run is conducted around its levels. Times in seconds. */
export interface MethodSettings {
  /** Discarded runs before the first level; null: 3, and 1 for a quick look. */
  warmupRuns: number | null;
  /** Requests of each of them; null: 17, and 3 for a quick look. */
  warmupRequests: number | null;
  gates: 'auto' | 'off';
  requireSteady: boolean;
  /** Longest that an undecided level of a search is extended to; null: 4 times its first length. */
  maxLevelDuration: number | null;
  maxProbes: number;
  rest: number;
  sustained: number | null;
  launches: number;
  /** Folder of an interrupted run whose levels are taken over. */
  resume: string | null;
}

export interface WorkloadSettings {
  dataset: string;
  /** File of the data set, as behind the colon of `dataset`. */
  datasetPath: string | null;
  /** As `parseLengthSpec` reads it. */
  inputTokens: string | null;
  outputTokens: string | null;
  /** A number from 0 to below 1, or JSON `{"input": 0.2, "output": 0.5}`. */
  randomRangeRatio: string | null;
  /** Tokens of a beginning that prompts share, on top of their own. */
  prefixTokens: number | null;
  prefixGroups: number | null;
  fitContext: boolean;
  /** False: rows of a file go out without salt words in front. */
  salt: boolean;
  tokenizer: string | null;
  temperature: number;
  ignoreEos: boolean;
  seed: number;
}

export interface JudgementSettings {
  /** Ids of templates, comma separated. */
  sloTemplate: string | null;
  /** Own SLOs: `[NAME:]ttft=300,tpot=50[,e2e=2000][,p=99]`, milliseconds. */
  slo: string[];
  failOnSlo: boolean;
  maxErrorShare: number;
  allowClientBottleneck: boolean;
}

export interface OutputSettings {
  output: string | null;
  json: boolean;
  html: boolean;
  saveResult: boolean;
  saveDetailed: boolean;
  resultDir: string | null;
  label: string | null;
}

export interface StartedEngineSettings {
  enginePath: string | null;
  modelPath: string | null;
  slots: number | null;
  threads: number | null;
  contextTokens: number | null;
  engineArg: string[];
}

/** The system under test as the user states it, and what it costs; null = not stated. */
export interface SystemSettings {
  gpus: number | null;
  /** Of one GPU, GB (decimal). */
  gpuMemory: number | null;
  interconnect: string | null;
  modelSize: string | null;
  tp: number | null;
  pp: number | null;
  attentionBackend: string | null;
  schedulingPolicy: string | null;
  /** USD, of everything that serves the model. */
  pricePerHour: number | null;
  /** USD per million tokens; both or neither. */
  priceInput: number | null;
  priceOutput: number | null;
  /** A file of prices, or `shipped`. */
  prices: string | null;
}

/** Where a run stops by itself, every request of it counted; null = nowhere. */
export interface BudgetSettings {
  /** Input and output tokens. */
  maxTotalTokens: number | null;
  /** USD. */
  maxCost: number | null;
}

/** What is watched besides the requests. */
export interface TelemetrySettings {
  /** Prometheus pages of the engine; empty: where they are looked for beside the endpoint. */
  metricsUrl: string[];
  engineMetrics: boolean;
  /** Page of a dcgm-exporter on the machine that serves. */
  dcgmUrl: string | null;
  power: PowerChoice;
}

/** What is to read the power; `auto`: what covers the machine that serves, where there is something. */
export type PowerChoice = 'auto' | 'nvidia' | 'rapl' | 'amd' | 'apple' | 'none';

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

/** Every setting of `bench plan`. */
export interface PlanSettings {
  targetQps: number;
  /** Per cent. */
  headroom: number;
  gpusPerInstance: number | null;
  inputTokens: number | null;
  outputTokens: number | null;
  sloTemplate: string | null;
  slo: string[];
  /** USD, of one instance. */
  pricePerHour: number | null;
  prices: string | null;
  format: 'table' | 'markdown' | 'json';
  json: boolean;
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
