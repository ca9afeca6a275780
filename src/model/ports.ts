import type { LevelPlan, PlannedRequest } from './plan.ts';
import type { RequestRecord } from './request-record.ts';

/** What the driver tells a sender about one request. */
export interface SendContext {
  level: number;
  requestId: string;
  /** Absolute on the driver's clock, microseconds. */
  intendedUs: number;
  counted: boolean;
  /** Run origin on the driver's clock: records hold offsets from it. */
  originUs: number;
  promptText: string;
  /** The request's body as it goes over the wire; absent: the sender makes it of `promptText`. */
  body?: Uint8Array;
  /** Aborting ends the request with outcome `cancelled`. */
  signal: AbortSignal;
}

/**
 * Sends one request and watches it to its end. Never rejects for anything that the network or
 * the server does: that is an outcome. Resolves with the raw record.
 */
export type Send = (request: PlannedRequest, context: SendContext) => Promise<RequestRecord>;

/** Something that can take load: sockets, a virtual server, a recorded one. */
export interface Sender {
  send: Send;
  /** Sets the stage for so many requests in flight (opens connections where it can). */
  prepare?(inFlight: number): Promise<void>;
  close(): Promise<void>;
  /** Which path the bytes take, for the result: `undici`, `virtual`. */
  readonly transport: string;
}

/** Counts tokens as the model does. */
export interface TokenCounter {
  /** Where the counts come from: `server /tokenize`, `tokenizer.json (path)`. */
  readonly source: string;
  /** Token counts of each text, without special tokens. Rejects when it cannot count. */
  count(texts: readonly string[]): Promise<number[]>;
}

export type { LevelPlan };
