import type { LoadFigures } from './client-figures.ts';
import type { ClientErrorMs, ClientVerdict } from './client-verdict.ts';
import type { EngineMetricsInfo, LevelEngine } from './engine-metrics.ts';
import type { Finding } from './finding.ts';
import type { LoadSpec } from './load.ts';
import type { LevelMachine } from './machine.ts';
import type {
  GateOutcome,
  KeepingUp,
  LevelRole,
  RunMethod,
  SloOutcome,
  SteadyWindow,
} from './method.ts';
import type { LevelMetrics } from './metric-values.ts';
import type { LevelPower, PowerInfo } from './power.ts';
import type { Spending } from './prices.ts';
import type { PromptProvenance } from './prompts.ts';
import type { Selftest } from './selftest.ts';
import type { SloTemplate } from './slo.ts';
import type { SystemInfo } from './system.ts';

/**
 * `envelope.json`: the whole result of one run. Reports read this file and the record files
 * beside it, nothing else. Unknown is null everywhere.
 */
export interface Envelope {
  schema: 'inferencebench.envelope.v1';
  runId: string;
  /** partial: interrupted; failed: no request succeeded. */
  status: 'complete' | 'partial' | 'failed';
  exitCode: number;
  /** Sized by the time budget because no load was given: orientation, not a benchmark. */
  quickLook: boolean;
  tool: {
    name: 'inferencebench';
    version: string;
    node: string;
    gitCommit: string | null;
    gitDirty: boolean | null;
  };
  /** ISO 8601, UTC. `startedAt` is the run's origin, to which record times are relative. */
  startedAt: string;
  endedAt: string;
  /** Settings as passed (argv, redacted) and as resolved (defaults and config file applied). */
  command: { argv: string[]; resolved: Record<string, unknown> };
  seed: number;
  model: ModelInfo;
  engine: EngineInfo;
  target: TargetInfo;
  hardware: { asked: string | null; detected: string };
  workload: WorkloadInfo;
  slo: SloTemplate | null;
  client: ClientInfo;
  environment: Environment;
  coldStart: { readyMs: number | null; firstRequestMs: number | null };
  levels: LevelSummary[];
  /** Index into `levels` of the headline level; null when there is none. */
  headline: number | null;
  /** The headline level's metrics, plus the run-wide ones (`goodput_at_slo`, ...). */
  metrics: LevelMetrics;
  findings: Finding[];
  /** How the run was conducted; absent in results of versions that did not say. */
  method?: RunMethod;
  /** Every SLO asked for, `slo` first; absent where only `slo` was. */
  slos?: SloTemplate[];
  /** Absent in results of versions that did not say. */
  system?: SystemInfo;
  power?: PowerInfo;
  /** Absent in results of versions that did not count. */
  spending?: Spending;
  /** Where the levels' `engine` comes from. */
  engineMetrics?: EngineMetricsInfo;
  /** The fatal error, when there was one. */
  error: { code: string; message: string; hint: string | null } | null;
  /** Files of the result folder, relative path -> SHA-256. */
  files: Record<string, string>;
}

export interface LevelSummary {
  index: number;
  load: LoadSpec & {
    /** Time average of requests between actual send and end. */
    concurrencyReached: number | null;
  };
  status: 'complete' | 'partial';
  /** False: do not use; the reasons are findings of severity `invalid`. */
  valid: boolean;
  /** Every SLO asked for is met, by point estimate; null = none was, or it cannot be judged. */
  sloMet: boolean | null;
  startUs: number;
  windowStartUs: number;
  windowEndUs: number;
  endUs: number;
  planHash: string;
  requestsPlanned: number;
  metrics: LevelMetrics;
  findings: Finding[];
  /** Whether the client may have distorted the level; null where it was not watched. */
  client: (ClientVerdict & { figures: LoadFigures }) | null;
  /** Absent: a plain level of the first launch. */
  role?: LevelRole;
  /** Start of the server that this level was measured on, from 1. */
  launch?: number;
  /** Of each SLO asked for and of each of its limits alone. */
  slos?: SloOutcome[];
  keepingUp?: KeepingUp;
  /** Gate (b). */
  leadIn?: GateOutcome;
  steady?: SteadyWindow;
  /** Absent where no probe watched. */
  power?: LevelPower;
  /** What the engine said of itself; absent where nobody asked it. */
  engine?: LevelEngine;
  /** The machine that `bench` ran on; absent where it was not watched. */
  machine?: LevelMachine;
}

export interface ModelInfo {
  asked: string;
  /** The id that the server lists and answers with. */
  served: string | null;
  /** As given by `--quant`. */
  quantAsked: string | null;
  /** As read from the model file or the server. */
  quant: string | null;
  file: { path: string; bytes: number; sha256: string | null } | null;
}

export interface EngineInfo {
  /** `llama.cpp`, ...; null when an endpoint was measured and nothing tells. */
  id: string | null;
  version: string | null;
  /** Started by this run. */
  started: boolean;
  /** How it was started; secrets taken out. */
  commandLine: string[] | null;
  /**
   * SHA-256 of engine, version, command line and environment: the same for each start of the same
   * configuration. Null where nothing was started; absent in results of versions that had none.
   */
  configHash?: string | null;
  /** Settings read back from the server where it tells them. */
  settings: Record<string, unknown>;
  /** Path of the log inside the result folder. */
  log: string | null;
}

export interface TargetInfo {
  url: string;
  api: 'chat' | 'completions';
  headers: Record<string, string>;
  extraBody: Record<string, unknown>;
  /** Optional request fields that the server rejected in preflight and that were left out. */
  droppedFields: string[];
  slots: number | null;
  maxModelTokens: number | null;
  /** Limits that the server stated in the headers of its first answer; absent where it stated none. */
  limits?: Record<string, string>;
}

export interface WorkloadInfo {
  dataset: string;
  inputTokens: string;
  outputTokens: string;
  temperature: number;
  ignoreEos: boolean;
  /** What is known of the server's prefix cache during the run. */
  prefixCache: string;
  /** Absent in results of versions that did not say, and before the prompts are known. */
  prompts?: PromptProvenance;
}

export interface ClientInfo {
  transport: string;
  /** The headline level's verdict; the worst level's where there is no headline. */
  verdict: ClientVerdict['verdict'] | null;
  reason: string | null;
  errorMs: ClientErrorMs | null;
  /** The newest `bench selftest` of this host by this version. */
  selftest: Selftest | null;
  /** Where token counts were checked: `server /tokenize`, `tokenizer.json`, or null. */
  tokenizer: string | null;
  /** Largest error of the client's own stamps that was seen in this run, milliseconds. */
  eventLoopDelayP99Ms: number | null;
  eventLoopDelayMaxMs: number | null;
  gcMaxPauseMs: number | null;
  dispatchLagP99Ms: number | null;
  cpuShare: number | null;
  /** Client and engine on one machine. */
  sharesHost: boolean | null;
}

export interface Environment {
  os: string;
  kernel: string;
  arch: string;
  cpuModel: string;
  cpuCount: number;
  memoryBytes: number;
  gpus: { name: string; memoryBytes: number | null; driver: string | null }[];
  hostnameHash: string;
  container: boolean | null;
  loadAverage1: number | null;
  versions: Record<string, string>;
}
