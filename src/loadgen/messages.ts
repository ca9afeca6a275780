import type { ClientTarget, Transport } from '../client/index.ts';
import type { StopRule } from '../driver/index.ts';
import type {
  BudgetLeft,
  IoThreadFigures,
  LagFigures,
  LevelRun,
  LoadSpec,
} from '../model/index.ts';
import type { PackedDetails } from './pack-details.ts';

/** What an I/O thread is born with. */
export interface WorkerSettings {
  name: string;
  target: ClientTarget;
  transport: Transport;
  /** Zero of the run's clock on CLOCK_MONOTONIC, nanoseconds. */
  originHrNs: bigint;
}

/** One thread's part of a level. Indexes are the thread's own, from 0. */
export interface WorkerLevel {
  level: number;
  idPrefix: string;
  originUs: number;
  tail: boolean;
  stopRule: StopRule | null;
  budget: BudgetLeft | null;
  load: LoadSpec;
  seed: number;
  planHash: string;
  countedRequests: number;
  durationUs: number | null;
  /** Own index i is request `offset + i * stride` of the whole plan. */
  offset: number;
  /** Threads that share the level; above 1, the last counted request is held until `release`. */
  stride: number;
  /** Texts of all answers are wanted. */
  allTexts: boolean;
}

/** Rows of the plan from the thread's own index `from` on. */
export interface PlanRows {
  from: number;
  /** NaN in a closed loop. */
  intendedUs: Float64Array<ArrayBuffer>;
  inputTokens: Uint32Array<ArrayBuffer>;
  outputTokens: Uint32Array<ArrayBuffer>;
}

/** Bodies of consecutive requests in one piece of memory; body i ends at `ends[i]`. */
export interface BodyBatch {
  from: number;
  bytes: Uint8Array<ArrayBuffer>;
  ends: Uint32Array<ArrayBuffer>;
}

export type ToWorker =
  | { kind: 'prepare'; id: number; inFlight: number }
  | { kind: 'level'; level: WorkerLevel }
  | { kind: 'rows'; rows: PlanRows }
  | { kind: 'bodies'; bodies: BodyBatch }
  /** Time starts at `startUs`, or when this arrives. */
  | { kind: 'start'; startUs: number | null }
  | { kind: 'stop'; reason: string }
  | { kind: 'release' }
  | { kind: 'close' };

export type FromWorker =
  | { kind: 'ready'; transport: string }
  | { kind: 'prepared'; id: number }
  | { kind: 'progress'; progress: WorkerProgress }
  | { kind: 'counted-ended' }
  | { kind: 'ended'; run: Omit<LevelRun, 'records'>; figures: WorkerFigures }
  | { kind: 'closed' }
  | { kind: 'failed'; error: WireError };

export interface WorkerProgress {
  /** Own index of the next request to be sent. */
  next: number;
  /** Sends since the last message. */
  sent: number;
  inFlight: number;
  /** Requests that have ended, as a page of records.bin; null when none has. */
  page: Uint8Array<ArrayBuffer> | null;
  /** Texts that came with them, where they are needed. */
  details: PackedDetails[];
  /** Chunks of these requests, and those that came with the same network read as another. */
  chunks: { all: number; coalesced: number };
}

export interface WorkerFigures {
  thread: IoThreadFigures;
  sendLag: LagFigures;
  sendLagBuckets: [bucket: number, times: number][];
  sent: number;
  ranDry: number;
  ranDryMaxMs: number;
}

/** An error as data: `code` and `hint` where it was one for people. */
export interface WireError {
  message: string;
  code: string | null;
  hint: string | null;
  stack: string | null;
}
