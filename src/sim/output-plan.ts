import { createRng } from '../core/index.ts';
import type { Fault } from './fault-spec.ts';
import type { SimSpec } from './sim-spec.ts';

export interface OutputPlan {
  tokens: number;
  finishReason: 'length' | 'stop';
}

/**
 * How long the output of a request gets.
 * @param draw names its draw: its number, or its text where the text decides
 * @param asked the request's maximum
 * @param ignoreEos the request forbids an early stop (ignore_eos, or min_tokens = its maximum)
 */
export function planOutput(
  spec: SimSpec,
  draw: number | string,
  asked: number,
  ignoreEos: boolean,
): OutputPlan {
  const { stopEarly } = spec;
  if (stopEarly && asked > 1 && (!ignoreEos || stopEarly.ignoresIgnoreEos)) {
    const rng = createRng(spec.seed, `sim/stop/${draw}`);
    if (rng.next() < stopEarly.probability)
      return { tokens: 1 + rng.int(asked - 1), finishReason: 'stop' };
  }
  return { tokens: asked, finishReason: 'length' };
}

export type CutFault = Extract<Fault, { kind: 'error-event' | 'truncate' | 'reset' }>;

/** The fault as one that cuts a running stream, with the tokens that come before the cut. */
export function cutOf(fault: Fault | null): { fault: CutFault; afterTokens: number } | null {
  if (fault?.kind !== 'error-event' && fault?.kind !== 'truncate' && fault?.kind !== 'reset')
    return null;
  return fault.afterTokens === null ? null : { fault, afterTokens: fault.afterTokens };
}
