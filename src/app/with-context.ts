import { BenchError, type Host } from '../core/index.ts';
import type { EngineContext } from '../engines/index.ts';
import { createLivePanel, createPlainReporter } from '../report/index.ts';
import { engineContext } from './open-target.ts';

interface ContextOptions {
  /** Lines only, on a terminal too. */
  plain?: boolean;
  /** What to do after Ctrl-C. */
  interruptHint?: string;
}

/** Runs `work` with the conversation on stderr and Ctrl-C wired to the engine context. */
export async function withContext<T>(
  host: Host,
  work: (ctx: EngineContext) => Promise<T>,
  { plain = false, interruptHint }: ContextOptions = {},
): Promise<T> {
  const reporter =
    host.stderr.isTTY && !plain
      ? createLivePanel(host.stderr, host.clock)
      : createPlainReporter(host.stderr);
  const stop = new AbortController();
  const off = host.onInterrupt((signal) =>
    stop.abort(
      new BenchError(
        'INTERRUPTED',
        `Interrupted by ${signal}.`,
        interruptHint === undefined ? {} : { hint: interruptHint },
      ),
    ),
  );
  try {
    return await work(engineContext(host, (event) => reporter.handle(event), stop.signal));
  } finally {
    off();
    reporter.close();
  }
}
