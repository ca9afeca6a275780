import type { Clock } from '../../core/index.ts';
import type { ChatMessage, Outcome, TrialGround } from '../../model/index.ts';
import type { SecondOpinion } from './opinion.ts';

/** One request of the judge. All traffic of a scenario has one template, most of it one form. */
export interface Ask {
  messages: readonly ChatMessage[];
  /** Prompt tokens as planned, chat template included. */
  inputTokens: number;
  outputTokens: number;
  temperature: number;
  ignoreEos: boolean;
  /** Of one that stands in timed traffic to be checked; for the judge alone, never sent. */
  canary?: Canary;
}

/** What a request asks for, where that can be told right from wrong. */
export interface Canary {
  answer: string;
  /** Words that would be an answer; null for a number that the prompt has. */
  options: readonly string[] | null;
  /** How probable it is, at the least, that the reference answers it right. */
  certainty: number;
}

/** How asks arrive. A burst is all at once, never more than `maxInFlight` at a time. */
export interface Traffic {
  /** For logs and request ids. */
  id: string;
  asks: readonly Ask[];
  arrival: 'burst' | 'poisson' | 'constant';
  maxInFlight: number;
  /** Null: burst. */
  rateRps: number | null;
  /** Its stamps count: sent from threads of its own. */
  timed: boolean;
  /** Of the arrivals. */
  seed: number;
  /** How many times as long as usual a request may take; absent: 1. */
  patience?: number;
}

/** What came of one ask, by the client's own clock. Times are milliseconds. */
export interface Answer {
  ask: Ask;
  outcome: Outcome;
  status: number | null;
  error: string | null;
  finishReason: string | null;
  /** What the user reads, all chunks together. */
  text: string;
  /** Text of the first chunk that has any. */
  firstText: string;
  /** As the server's usage says; null when it said nothing. */
  claimedInputTokens: number | null;
  claimedOutputTokens: number | null;
  /** From the intended send; null without a token. */
  ttftMs: number | null;
  /** From the intended send to the last token. */
  latencyMs: number | null;
  /** Of each token-bearing chunk, from the actual send. */
  chunkAtMs: readonly number[];
  /** From the start of the traffic. */
  endMs: number;
}

/** A server that can be asked, the judged one or the reference. */
export interface AskedServer {
  /** Sends in the order of the asks and returns in that order. Never rejects for what a server does. */
  send(traffic: Traffic): Promise<Answer[]>;
}

/** Where a token stands in what the reference would have said. */
export interface TokenScore {
  /** Natural log of its probability at the temperature asked for. */
  logProb: number;
  /** 0 = the most probable one. */
  rank: number;
  /** Log-probability (temperature 1) of the most probable token minus this one's: 0 when it is. */
  gapNats: number;
  /** The same between the most probable and the second. */
  topMarginNats: number;
  /** Mean and variance of -log p over the reference's distribution at the temperature asked for. */
  entropyNats: number;
  varianceNats2: number;
  /**
   * Probability of all tokens that are no more probable than this one, at the temperature asked for
   * and at least 0.7: of samples at most a, in at most a of the cases. Null: it was not told.
   */
  tailShare: number | null;
}

/** The reference as a witness: it counts and replays, and is trusted. */
export interface Oracle {
  /** Tokens of texts, no special ones added. */
  countTokens(texts: readonly string[]): Promise<number[]>;
  /** Tokens of a prompt as the model sees it. */
  countPrompt(messages: readonly ChatMessage[]): Promise<number>;
  /**
   * Each token of a reply to an ask, in one forward pass. Where the ask ignores end tokens, they
   * cannot be chosen, as in a server. @param temperature 0 is read as 0.7
   */
  score(
    ask: Pick<Ask, 'messages' | 'ignoreEos'>,
    reply: string,
    temperature: number,
  ): Promise<readonly TokenScore[]>;
}

/** A running reference. */
export interface ReferenceServer extends AskedServer {
  oracle: Oracle;
  stop(): Promise<void>;
}

/** A process of the judged server, seen from outside. */
export interface SeenProcess {
  pid: number;
  command: string;
  /** It has left the launcher's session. */
  otherSession: boolean;
  /** Its parent has ended, or is the first process of its namespace. */
  orphaned: boolean;
}

/** What was seen of a launch's processes while it lived, and how it ended. */
export interface LaunchTrace {
  /** False: this machine does not tell (no /proc). */
  watched: boolean;
  looks: number;
  processes: readonly SeenProcess[];
  /**
   * Connections that the server opened to something that is not itself (`address:port`), and in how
   * many looks each was seen once the server was ready.
   */
  outbound: readonly { to: string; looks: number }[];
  /** Paths of files that it wrote, relative to its own folder; null = not looked. */
  filesWritten: readonly string[] | null;
  /** Null while it runs. */
  stop: LaunchStop | null;
}

export interface LaunchStop {
  /** Processes that outlived the launcher and had to be killed. */
  sweptPids: readonly number[];
  /** Processes that could not be killed. */
  survivors: readonly number[];
  /** Its port still answered when the launcher had ended. */
  stillAnswered: boolean;
  /** Limits that it ran into, in words: what its end may come from. */
  reachedLimits: readonly string[];
}

/** One start of the submission: fresh copy of its files, fresh home and temporary folder. */
export interface LaunchedSubmission extends AskedServer {
  /** Base URL of its API, `/v1` included. */
  readonly baseUrl: string;
  /** Resolves when it serves, with milliseconds since its start. @throws BenchError ENGINE_* */
  ready(): Promise<{ readyMs: number }>;
  hasExited(): boolean;
  /** Ends it and everything it started. */
  stop(): Promise<LaunchTrace>;
}

/** A file that a traced launch opened to read. */
export interface OpenedFile {
  /** As the server sees it, links resolved. */
  path: string;
  /** `engine`: what launchers are offered. `system`: /usr and the like. */
  place: 'model' | 'submission' | 'engine' | 'system' | 'elsewhere';
  /** Null: gone before it was looked at. */
  bytes: number | null;
  /** By its first bytes and its name. `program`: also libraries. */
  kind: 'weights' | 'program' | 'data';
  /** It came to be during the launch. */
  made: boolean;
}

/** What a launch opened, ran and connected to, by its system calls, up to one answer. */
export interface CallTrace {
  /** Of the given model, and all others of 1 MiB and more. */
  opened: readonly OpenedFile[];
  /** The given model, or one of its files with weights, is among them. */
  modelOpened: boolean;
  modelBytes: number;
  /** Programs, each once, in order of their first start. */
  executed: readonly string[];
  /** Connections to anything but loopback; `served`: a stream, that came about or was left open, while it answered. */
  connected: readonly { to: string; served: boolean }[];
  /** Files may have been opened past the trace (io_uring). */
  blind: boolean;
}

/** Why a launch was not traced. */
export interface Untraced {
  untraced: string;
  /** The server did not serve so, though it does otherwise. */
  byServer: boolean;
}

/** One pass over a model's weights on this machine, as fast as memory or cache can give them. */
export interface WeightsPass {
  /** That a pass has to read, at the least. */
  bytes: number;
  passMs: number;
  /** How that was counted and measured, with size and GB/s. */
  method: string;
}

/** What `judgeSubmission` needs of the world. */
export interface JudgePorts {
  clock: Clock;
  signal: AbortSignal;
  /** One line for people. */
  say(message: string): void;
  /** @param folder what was collected; never started from there, a copy is @throws BenchError ENGINE_* */
  launch(folder: string): Promise<LaunchedSubmission>;
  /** @throws BenchError ENGINE_*, PREREQ_*: always the arena's fault, never the submission's */
  startReference(): Promise<ReferenceServer>;
  /** A user's message of so many prompt tokens, template included; same seed, same text. */
  makePrompt(oracle: Oracle, seed: number, inputTokens: number): Promise<string>;
  /** SHA-256 over the model's files as they are now. */
  hashModel(): Promise<string>;
  /**
   * One more start of what was collected, under a tracer and untimed: asked once, then stopped.
   * @param readyMs how long it took to be ready before
   */
  traceLaunch(folder: string, ask: Ask, readyMs: number): Promise<CallTrace | Untraced>;
  /** Measures this machine's memory; called while no server runs. `unknown`: why there is no floor. */
  timeWeights(): Promise<WeightsPass | { unknown: string }>;
  /** Asked at the end, when somebody wants one. */
  secondOpinion?: SecondOpinion | null;
  /** What both sides ran on so far. */
  ground?(): TrialGround;
}
