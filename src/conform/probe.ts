import type { Exchange, ExchangeAsk } from '../client/index.ts';
import type { Clock } from '../core/index.ts';
import type { ConformanceVerdict, EngineReading } from '../model/index.ts';
import type { Generation } from './generation.ts';

/** A row as it is declared; what it turned out to be comes from its probe. */
export interface RowSpec {
  /** `family.name`, all lower case. */
  id: string;
  title: string;
  /** What is sent to find out. */
  asked: string;
  /** What each verdict means for a benchmark; `error` and `unknown` have a common meaning. */
  means: Readonly<{ yes: string } & Partial<Record<ConformanceVerdict, string>>>;
}

/** Says how a row turned out; the first word about a row counts. */
export type ReportRow = (id: string, verdict: ConformanceVerdict, evidence: string) => void;

/** One family of rows, and how to find them out. One file per family. */
export interface Probe {
  /** The family: the part of its rows' ids before the dot. */
  readonly id: string;
  readonly rows: readonly RowSpec[];
  /**
   * Asks the server and reports rows as they are decided. May leave rows unreported when the signal
   * was aborted; never guesses: what cannot be decided is `unknown`, with the reason.
   */
  run(context: ProbeContext, report: ReportRow): Promise<void>;
}

export type Api = 'chat' | 'completions';

/** One streamed generation to ask for. */
export interface GenerateAsk {
  /** Absent: the API that the server is asked by. */
  api?: Api;
  /** Absent: a request for a long text. */
  prompt?: string;
  maxTokens?: number;
  /** Merged into the body; a value of undefined takes a field out of it. */
  fields?: Readonly<Record<string, unknown>>;
  stopWhen?: ExchangeAsk['stopWhen'];
  /** Ends this request besides the probe's own signal. */
  signal?: AbortSignal;
  timeoutMs?: number;
}

/** How much is asked for. Small numbers keep a slow server's table short. */
export interface ProbeSizes {
  /** Tokens of an ordinary generation. */
  tokens: number;
  /** Tokens within which the model is expected to end a short answer by itself. */
  stopTokens: number;
  /** A generation that has to be under way for a while, seconds. */
  longS: number;
  /** Most tokens of that generation. */
  longTokens: number;
  /** Prefill of a prompt whose reuse would be seen, seconds. */
  prefillS: number;
  /** Pairs of equal prompts that are timed. */
  pairs: number;
  /** Most requests at once. */
  parallel: number;
}

/** A server to ask, and what is known of it beforehand. */
export interface ProbeContext {
  readonly clock: Clock;
  /** Ends every question of the probe: its own limit, the whole limit, Ctrl-C. */
  readonly signal: AbortSignal;
  readonly sizes: ProbeSizes;
  readonly model: string;
  readonly api: Api;
  /** APIs that exist. */
  readonly apis: readonly Api[];
  /** Requests served at once; null = not told. */
  readonly slots: number | null;
  /** Of one request, prompt and output together; null = not told. */
  readonly contextTokens: number | null;
  /** Optional fields that the server rejected when a run's first request was tried. */
  readonly droppedFields: readonly string[];
  /** Path of the API's base URL without a trailing slash: `/v1`. */
  readonly basePath: string;
  pathOf(api: Api): string;
  /** The body of one streamed request, as JSON text. */
  bodyOf(ask: GenerateAsk): string;
  /** Never rejects. */
  exchange(
    ask: Omit<ExchangeAsk, 'signal' | 'timeoutMs'> & { timeoutMs?: number; signal?: AbortSignal },
  ): Promise<Exchange>;
  /** Never rejects. */
  generate(ask?: GenerateAsk): Promise<Generation>;
  /** An ordinary generation, asked for once for all probes. */
  ordinary(api: Api): Promise<Generation>;
  /** How answers can be kept from ending early; found out once for all probes. */
  lengths(): Promise<LengthFacts>;
  /** What the engine's metrics say now; null = none that can be read. */
  readEngine(): Promise<EngineReading | null>;
  /** Tokens of a prompt as sent by `api`, by something else than the server's usage. */
  countPrompt(api: Api, prompt: string): Promise<{ tokens: number; source: string } | null>;
  /** Tokens of a text without special ones. */
  countText(text: string): Promise<{ tokens: number; source: string } | null>;
  /** Words that no earlier prompt began with. */
  freshWords(count: number): string;
  /** Whether the server has closed its connection behind a finished stream; null = cannot be told. */
  closesConnections(): Promise<boolean | null>;
}

/** One answer that ought to run to its limit because a field says so. */
export interface HeldOpen {
  generation: Generation;
  /** yes: ran to its limit; ignored: the model ended it; rejected; failed: neither can be said. */
  outcome: 'yes' | 'ignored' | 'rejected' | 'failed';
}

/** How a server's answers can be kept from ending early. */
export interface LengthFacts {
  /** An answer that the model ended by itself below the limit; null = it ended none. */
  ending: { prompt: string; tokens: number; limit: number } | null;
  /** Why there is none. */
  reason: string;
  /** Null where no answer ends by itself: then nothing is shown. */
  ignoreEos: HeldOpen | null;
  minTokens: HeldOpen | null;
}
