import type { Finding } from '../model/index.ts';
import type { DoctorCheck } from './check.ts';
import type { EngineContext } from './context.ts';
import type { EngineEnvironment } from './engine-environment.ts';
import type { LogPattern } from './log-patterns.ts';
import type { ModelCatalog } from './model-catalog.ts';
import type { StopReceipt } from './process-tree.ts';
import type { ReadinessTimes } from './readiness.ts';
import type { SourceOffer } from './sources.ts';
import type { Tunable } from './tunables.ts';

/** One inference server that bench can find, install, start and stop. One folder per engine. */
export interface Engine {
  /** As given to `--engine`. */
  readonly id: string;
  readonly aliases: readonly string[];
  readonly title: string;
  readonly capabilities: EngineCapabilities;
  /** Used where the user does not say. */
  readonly defaults: { slots: number; contextTokens: number; startupTimeoutMs: number };
  readonly models: ModelCatalog;
  /** Settings that move its figures; given through `--engine-arg` or an option of `bench`. */
  readonly tunables: readonly Tunable[];
  /** How it is told where to listen, which is for bench to say: `--port`. */
  readonly addressFlags: readonly string[];
  /** Known causes of failure, most telling first. */
  readonly logPatterns: readonly LogPattern[];
  /**
   * What is already on this machine, without touching the network: `enginePath`, PATH, cache.
   * @throws BenchError `PREREQ_ENGINE_PATH` when `enginePath` is given and cannot be used.
   */
  locate(ctx: EngineContext, options?: LocateOptions): Promise<InstalledEngine | null>;
  /** Programs of it on PATH that `locate` does not take: `path: why`. Absent: `checks` tells. */
  rejected?(ctx: EngineContext): Promise<string[]>;
  /**
   * What it needs of this machine besides being there, and why one that was looked at is not taken.
   * Fetches and changes nothing. `fail`: it cannot run here as things are.
   */
  checks(ctx: EngineContext, installed: InstalledEngine | null): Promise<DoctorCheck[]>;
  /** What `install` would try, in that order. */
  sources(ctx: EngineContext): Promise<SourceOffer[]>;
  /**
   * Fetches the engine into the cache, or returns the one that is there.
   * @throws BenchError `PREREQ_ENGINE` that names each source and why it failed.
   */
  install(ctx: EngineContext): Promise<InstalledEngine>;
  /**
   * Starts it and waits until it really serves.
   * @throws BenchError `ENGINE_CRASHED`, `ENGINE_NOT_READY`, `ENGINE_SPAWN`, `PREREQ_MODEL_*`.
   */
  start(
    ctx: EngineContext,
    installed: InstalledEngine,
    options: StartOptions,
  ): Promise<RunningEngine>;
}

export interface EngineCapabilities {
  /** Paths it serves, for choosing an API. */
  api: readonly ('chat' | 'completions')[];
  /** Honours `ignore_eos`. */
  ignoreEos: boolean;
  /** Has `/tokenize`. */
  tokenize: boolean;
  /** Has Prometheus `/metrics`. */
  metrics: boolean;
  /** Model file formats. */
  modelFormats: readonly string[];
  /** Serves the model under a name that it cannot be told. Absent: under the one asked for. */
  ownModelName?: true;
}

export interface LocateOptions {
  /** `--engine-path`: an executable, or a folder that holds it. */
  enginePath?: string;
}

export interface InstalledEngine {
  engine: string;
  version: string;
  /** `engine-path`, `path`, `github-release`, `pypi`. */
  source: string;
  /** The executable, or the folder of the installation. */
  path: string;
  kind: 'binary' | 'wheel';
}

export interface StartOptions {
  modelPath: string;
  /** The id it serves the model under. */
  modelName: string;
  host: string;
  /** 0 = pick a free one. */
  port: number;
  /** Requests served at the same time. */
  slots: number;
  /** Tokens over all slots: each has `contextTokens / slots`. */
  contextTokens: number;
  /** null = leave the client a core where there are two or more. */
  threads: number | null;
  /** Output of the engine is appended there. */
  logPath: string;
  /** Passed through to the engine as they are. */
  extraArgs: readonly string[];
  startupTimeoutMs: number;
  /** In front of its command line, for limits; no part of what is told of it. */
  wrapper?: readonly string[];
}

export interface RunningEngine {
  readonly engine: string;
  /** `http://host:port/v1`. */
  readonly baseUrl: string;
  readonly host: string;
  readonly port: number;
  /** The engine itself, as seen from here, past any wrappers. */
  readonly pid: number;
  /** As started, without the wrappers that tie it to this process. */
  readonly commandLine: readonly string[];
  /** Absent: not known. */
  readonly environment?: EngineEnvironment;
  /** How it is tied to this process: `pid-namespace`, `death-signal`, `guard`. */
  readonly isolation: string;
  readonly version: string;
  readonly modelName: string;
  readonly slots: number;
  readonly threads: number | null;
  /** Start of the process to the end of the first real generation, milliseconds. */
  readonly readyMs: number;
  readonly readiness: ReadinessTimes;
  /** Extra request fields that a measurement of this engine wants. */
  readonly bodyDefaults: Readonly<Record<string, unknown>>;
  /** What whoever reads a result of it has to know. */
  readonly findings: readonly Finding[];
  readonly logPath: string;
  /** Effective settings as the engine tells them. Empty when it does not. */
  settings(): Promise<Record<string, unknown>>;
  /**
   * A text that changes when requests are served, `busy` while one is; null when it cannot tell.
   * For idle timeouts.
   */
  activity(): Promise<string | null>;
  /** The last lines of its log. */
  tail(lines: number): Promise<string[]>;
  stop(): Promise<StopReceipt>;
  readonly exited: Promise<EngineExit>;
}

export interface EngineExit {
  code: number | null;
  signal: string | null;
  /** In words, with the known cause where the log gives one away. */
  message: string;
}
