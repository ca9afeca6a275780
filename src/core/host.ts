import type { Clock } from './clock.ts';

/** The process as a parameter (k6's idea): what a command may touch of the world around it. */
export interface Host {
  argv: readonly string[];
  env: Readonly<Record<string, string | undefined>>;
  cwd: string;
  clock: Clock;
  /** The answer: a table, or one JSON object. */
  stdout: HostStream;
  /** The conversation: progress, findings, errors. */
  stderr: HostStream;
  /** Registers for SIGINT/SIGTERM; returns the un-register function. */
  onInterrupt(handler: (signal: string) => void): () => void;
}

export interface HostStream {
  isTTY: boolean;
  columns: number;
  write(text: string): void;
}
