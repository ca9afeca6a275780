import { messageOf } from '../../core/index.ts';
import type { Ask, CallTrace, JudgePorts, Untraced } from './ports.ts';

/** A few tokens are enough to have the weights loaded. */
const tracedTokens = 4;

/** One launch more, under a tracer; no failure of it is an infra error, since it is not required. */
export async function traceSubmission(
  ports: JudgePorts,
  folder: string,
  { known, readyMs }: { known: Ask | undefined; readyMs: readonly number[] },
): Promise<CallTrace | Untraced> {
  if (known === undefined) return { untraced: 'there is nothing to ask', byServer: false };
  const ask = { ...known, outputTokens: Math.min(tracedTokens, known.outputTokens) };
  try {
    return await ports.traceLaunch(folder, ask, Math.max(...readyMs));
  } catch (error) {
    ports.signal.throwIfAborted();
    return { untraced: `it failed: ${messageOf(error)}`, byServer: false };
  }
}
