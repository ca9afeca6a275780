import type { Cell } from '../cells.ts';

/** One request as a client reports it. Times of its own are milliseconds on its own clock. */
export interface SaidRequest {
  /** The mock's number of the request, or the id that the client sent along. */
  key: { seq: number } | { id: string };
  ttftMs: number;
  e2eMs: number;
  /** Between tokens, one fewer than tokens; empty when per-token times were not asked for. */
  itlMs: ArrayLike<number>;
  intendedMs: number | null;
  sentMs: number | null;
  /** Arrival of each token, where the client tells it. */
  stampsMs: ArrayLike<number> | null;
}

export interface SaidRun {
  requests: SaidRequest[];
  failed: number;
  /** Anything worth printing beside the figures. */
  notes: string[];
}

export interface RunPlace {
  port: number;
  model: string;
  /** Empty folder for what the client writes. */
  dir: string;
  /** Folder with a WordLevel tokenizer.json. */
  tokenizer: string;
  requests: number;
  seed: number;
}

export interface Client {
  id: string;
  title: string;
  /** What will be run, or why it cannot be. */
  find(): { version: string } | { missing: string };
  command(cell: Cell, place: RunPlace): string[];
  read(cell: Cell, place: RunPlace): Promise<SaidRun>;
}
