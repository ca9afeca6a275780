import type { Clock, Host, HostStream } from '../core/index.ts';
import { createMonotonicClock } from './monotonic-clock.ts';

export interface FakeHostOptions {
  /** After the program's name: `['run', 'llm.inference']`. */
  argv?: readonly string[];
  env?: Readonly<Record<string, string | undefined>>;
  /** Default `/`: nothing is written by accident. */
  cwd?: string;
  /** Default: the real monotonic clock; pass a virtual one for exact times. */
  clock?: Clock;
  /** Both streams; default false. */
  isTTY?: boolean;
  /** Default 80. */
  columns?: number;
}

/** A host that touches nothing: the whole program runs on it in one line of a test. */
export interface FakeHost extends Host {
  /** All that was written to stdout so far. */
  out(): string;
  /** All that was written to stderr so far. */
  err(): string;
  /** Calls the interrupt handlers as a signal would; returns how many there were. */
  interrupt(signal?: string): number;
}

export function createFakeHost(options: FakeHostOptions = {}): FakeHost {
  const { isTTY = false, columns = 80 } = options;
  const handlers = new Set<(signal: string) => void>();
  const capture = (): { stream: HostStream; text(): string } => {
    const written: string[] = [];
    const stream = { isTTY, columns, write: (text: string) => void written.push(text) };
    return { stream, text: () => written.join('') };
  };
  const stdout = capture();
  const stderr = capture();
  return {
    argv: options.argv ?? [],
    env: options.env ?? {},
    cwd: options.cwd ?? '/',
    clock: options.clock ?? createMonotonicClock(),
    stdout: stdout.stream,
    stderr: stderr.stream,
    out: stdout.text,
    err: stderr.text,
    onInterrupt(handler) {
      handlers.add(handler);
      return () => void handlers.delete(handler);
    },
    interrupt(signal = 'SIGINT') {
      const called = [...handlers];
      for (const handler of called) handler(signal);
      return called.length;
    },
  };
}
