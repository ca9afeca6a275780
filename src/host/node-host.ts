import type { Host, HostStream } from '../core/index.ts';
import { createMonotonicClock } from './monotonic-clock.ts';

/** The real process. `argv` starts after the script's name. */
export function createNodeHost(): Host {
  return {
    argv: process.argv.slice(2),
    env: process.env,
    cwd: process.cwd(),
    clock: createMonotonicClock(),
    stdout: createStream(process.stdout),
    stderr: createStream(process.stderr),
    onInterrupt(handler) {
      const signals = ['SIGINT', 'SIGTERM'] as const;
      for (const signal of signals) process.on(signal, handler);
      return () => {
        for (const signal of signals) process.off(signal, handler);
      };
    },
  };
}

function createStream(stream: NodeJS.WriteStream): HostStream {
  // Once, however many hosts a process makes: its streams outlive them.
  if (!stream.listeners('error').includes(allowClosedPipe)) stream.on('error', allowClosedPipe);
  return {
    get isTTY() {
      return stream.isTTY === true;
    },
    get columns() {
      return stream.columns ?? 80;
    },
    write(text) {
      stream.write(text);
    },
  };
}

/** `bench ... | head` closes the pipe before the end: that is not an error. */
function allowClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

/** Resolves once everything written to a stream has been taken, or nobody will take it any more. */
export function whenWritten(
  stream: Pick<NodeJS.WriteStream, 'writableLength' | 'destroyed' | 'once' | 'write'>,
): Promise<void> {
  if (stream.destroyed || stream.writableLength === 0) return Promise.resolve();
  return new Promise((resolve) => {
    stream.once('close', () => resolve());
    stream.once('error', () => resolve());
    // Called when all that was written before has gone out.
    stream.write('', () => resolve());
  });
}
